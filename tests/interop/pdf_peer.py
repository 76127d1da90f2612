#!/usr/bin/env python3
"""The other side of our PDF tests: signs and validates with the PyPI library `pyhanko`.

It shares no code with us, so a mistake that our writer and our reader both make shows up here.

    pdf_peer.py validate --root CERTIFICATE [--root CERTIFICATE]... FILE
    pdf_peer.py sign --key KEY --certificate CERTIFICATE [--form cms|pades] [--certify LEVEL] IN OUT

KEY and CERTIFICATE are PEM files, LEVEL is 1, 2 or 3 (ISO 32000-2 table 257).

`validate` prints one line of JSON, a list with one object for each signature and document timestamp, in
the order of the file:

    {"field": "Signature1", "timestamp": false, "intact": true, "valid": true, "trusted": true,
     "coverage": "ENTIRE_FILE", "modifications": "NONE", "permitted": true, "stamped": false}

`stamped` says whether a signature holds a timestamp that is intact; the last object holds the sizes of the
security store instead: {"certificates": 2, "crls": 1, "responses": 0}. No certificate is asked about.

Exit code: 0 done, whatever was found; 1 the document could not be read or signed, with one line on standard
error saying why.
"""

import argparse
import json
import logging
import sys

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko_certvalidator import ValidationContext


def validate(arguments):
    """Validates every signature and timestamp; returns the line to print."""
    roots = [load_cert_from_pemder(path) for path in arguments.root]
    with open(arguments.file, "rb") as stream:
        reader = PdfFileReader(stream)
        found = [describe(signature, roots) for signature in reader.embedded_signatures]
        found.append(describe_store(reader))
    return json.dumps(found)


def describe(signature, roots):
    """What the library says of one signature or timestamp."""
    context = ValidationContext(trust_roots=roots, allow_fetching=False)
    is_timestamp = signature.sig_object_type == "/DocTimeStamp"
    if is_timestamp:
        status = validate_pdf_timestamp(signature, context)
    else:
        status = validate_pdf_signature(signature, context)
    stamp = getattr(status, "timestamp_validity", None)
    level = getattr(status, "modification_level", None)
    return {
        "field": signature.field_name,
        "timestamp": is_timestamp,
        "intact": status.intact,
        "valid": status.valid,
        "trusted": status.trusted,
        "coverage": status.coverage.name,
        "modifications": level.name if level is not None else None,
        "permitted": getattr(status, "docmdp_ok", None),
        "stamped": bool(stamp and stamp.intact and stamp.valid),
    }


def describe_store(reader):
    """What lies in the document's security store."""
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return {"certificates": 0, "crls": 0, "responses": 0}
    return {
        "certificates": len(store.certs),
        "crls": len(store.crls),
        "responses": len(store.ocsps),
    }


def sign(arguments):
    """Adds a signature in a field of its own."""
    signer = signers.SimpleSigner.load(arguments.key, arguments.certificate)
    form = {
        "cms": fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
        "pades": fields.SigSeedSubFilter.PADES,
    }[arguments.form]
    with open(arguments.source, "rb") as source:
        writer = IncrementalPdfFileWriter(source)
        number = 1 + len(writer.prev.embedded_signatures)
        metadata = signers.PdfSignatureMetadata(
            field_name=f"Theirs{number}",
            subfilter=form,
            certify=arguments.certify is not None,
            docmdp_permissions=fields.MDPPerm(arguments.certify or 2),
        )
        signed = signers.sign_pdf(writer, metadata, signer=signer)
        with open(arguments.target, "wb") as target:
            target.write(signed.getbuffer())
    return ""


def main():
    """Runs one command."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("validate")
    command.add_argument("--root", action="append", required=True)
    command.add_argument("file")
    command.set_defaults(run=validate)
    command = commands.add_parser("sign")
    command.add_argument("--key", required=True)
    command.add_argument("--certificate", required=True)
    command.add_argument("--form", choices=["cms", "pades"], default="pades")
    command.add_argument("--certify", type=int, choices=[1, 2, 3])
    command.add_argument("source")
    command.add_argument("target")
    command.set_defaults(run=sign)
    arguments = parser.parse_args()
    # The library tells of what it cannot find out, which is for the report to say.
    logging.disable(logging.CRITICAL)
    try:
        print(arguments.run(arguments))
    except (PdfError, ValueError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
