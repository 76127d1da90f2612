#!/usr/bin/env python3
"""Has LibreOffice write a document and sign it as PDF: the other side of one of our PDF tests.

    libreoffice_peer.py --key KEY --certificate CERTIFICATE OUT

KEY and CERTIFICATE are PEM files. Needs LibreOffice Writer with its Python bindings (Debian:
libreoffice-writer-nogui, python3-uno), NSS' tools (libnss3-tools) and openssl; everything that is made
lies in a folder of its own, which is removed.

Exit code: 0 done; 1 it did not sign, with one line on standard error saying why.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

SECONDS_TO_START = 90


def value(name, content):
    """One named value, as LibreOffice takes them."""
    made = PropertyValue()
    made.Name, made.Value = name, content
    return made


def certificate_store(folder, key, certificate):
    """A store of NSS with the signer in it."""
    store = f"sql:{folder}"
    bundle = Path(folder, "signer.p12")
    commands = [
        ["certutil", "-N", "--empty-password", "-d", store],
        ["openssl", "pkcs12", "-export", "-inkey", key, "-in", certificate, "-name", "signer"]
        + ["-passout", "pass:signer", "-out", str(bundle)],
        ["pk12util", "-i", str(bundle), "-d", store, "-W", "signer"],
        ["certutil", "-M", "-n", "signer", "-t", "CTu,Cu,u", "-d", store],
    ]
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return store


def connect(pipe):
    """The running LibreOffice, once it listens."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local
    )
    address = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
    until = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            return resolver.resolve(address)
        except NoConnectException:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def sign(context, out):
    """Writes a document, and exports it signed."""
    create = context.ServiceManager.createInstanceWithContext
    security = create("com.sun.star.xml.crypto.SEInitializer", context).createSecurityContext("")
    signers = security.getSecurityEnvironment().getPersonalCertificates()
    desktop = create("com.sun.star.frame.Desktop", context)
    document = desktop.loadComponentFromURL(
        "private:factory/swriter", "_blank", 0, (value("Hidden", True),)
    )
    text = document.Text
    text.insertString(text.createTextCursor(), "Contract 合同", False)
    options = (
        value("SignPDF", True),
        value("SignatureCertificate", signers[0]),
        value("SignatureReason", "agreed"),
    )
    options = uno.Any("[]com.sun.star.beans.PropertyValue", options)
    export = (value("FilterName", "writer_pdf_Export"), value("FilterData", options))
    document.storeToURL(Path(out).absolute().as_uri(), export)
    document.close(True)


def main():
    """Starts LibreOffice, has it sign, and ends it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--key", required=True)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = certificate_store(folder, arguments.key, arguments.certificate)
        pipe = f"yinxin-{os.getpid()}"
        profile = Path(folder, "profile").as_uri()
        command = ["soffice", "--headless", "--norestore", "--nologo"]
        command += [f"-env:UserInstallation={profile}", f"--accept=pipe,name={pipe};urp;"]
        environment = {**os.environ, "MOZILLA_CERTIFICATE_FOLDER": store}
        office = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            context = connect(pipe)
            sign(context, arguments.out)
            # Its launcher ends with it.
            create = context.ServiceManager.createInstanceWithContext
            create("com.sun.star.frame.Desktop", context).terminate()
            office.wait(SECONDS_TO_START)
        except (NoConnectException, IndexError, subprocess.SubprocessError) as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            return 1
        finally:
            office.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
