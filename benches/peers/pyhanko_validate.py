"""Validates every PDF of a folder with pyHanko, root.der as its trust root, and prints the seconds for one.

    pyhanko_validate.py FOLDER UNIX_TIME
"""

import datetime
import logging
import pathlib
import sys
import time

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

ROUNDS = 3


def main(folder: pathlib.Path, moment: datetime.datetime) -> None:
    logging.disable(logging.CRITICAL)
    root = x509.Certificate.load((folder / "root.der").read_bytes())
    files = sorted(folder.glob("*.pdf"))
    best = None
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for file in files:
            # Nothing is known beforehand: no context is used twice.
            context = ValidationContext(
                trust_roots=[root], moment=moment, revocation_mode="soft-fail", allow_fetching=False
            )
            with file.open("rb") as handle:
                (signature,) = PdfFileReader(handle).embedded_signatures
                status = validate_pdf_signature(signature, context)
                assert status.intact and status.valid and status.trusted, status.summary()
        took = (time.perf_counter() - began) / len(files)
        best = took if best is None else min(best, took)
    print(best)


if __name__ == "__main__":
    main(
        pathlib.Path(sys.argv[1]),
        datetime.datetime.fromtimestamp(int(sys.argv[2]), datetime.timezone.utc),
    )
