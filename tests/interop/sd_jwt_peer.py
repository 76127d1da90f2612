#!/usr/bin/env python3
"""The other side of our SD-JWT tests: issues, presents and verifies with the PyPI library `sd-jwt`.

It shares no code with us, so a mistake that our issuer and our verifier both make shows up here.
It judges what RFC 9901 asks of the signature and the disclosures, and nothing else: no certificate,
no status list, no expiry.

    sd_jwt_peer.py verify  --issuer-key KEY CREDENTIAL
    sd_jwt_peer.py present [--disclose PATH]... CREDENTIAL
    sd_jwt_peer.py issue   --key KEY --claims FILE [--header FILE] [--disclosable PATH]...

KEY         a P-256 key, as a JWK (JSON) or as PEM (SPKI, or PKCS#8 where it must sign)
CREDENTIAL  a file with one SD-JWT in compact form: `<jws>~<disclosure>~...~`
FILE        a JSON object: for --claims the payload, for --header members added to the protected
            header (`typ` is `dc+sd-jwt` unless given here, `alg` is always ES256)
PATH        names joined by slashes, indexes of arrays as numbers: `capital`, `registrations/0`

`verify` prints one line of JSON: {"header": {...}, "payload": {...}, "withheld": 2}; the payload has
the disclosed claims in their places, `withheld` counts the digests for which no disclosure came.
`present` and `issue` print one credential.

Exit code: 0 done; 1 the credential was refused, with one line on standard error saying why;
2 wrong usage, a file that cannot be read, or a key or claims that cannot be used.
"""

import argparse
import json
import sys
from pathlib import Path

from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

DIGESTS = "_sd"
ARRAY_DIGEST = "..."


class Refused(Exception):
    """The credential is not what it claims to be; the message says why."""


class Unusable(Exception):
    """What the caller handed in cannot be used; the message says what."""


def verify(arguments):
    """Verifies signature and disclosures; returns the line to print."""
    key = read_key(arguments.issuer_key)
    compact = read_compact(arguments.credential)
    jws, *disclosures, key_binding = compact.split("~")
    if key_binding:
        raise Refused("a key binding JWT follows the disclosures")

    # `alg` is pinned here because the library would accept any that fits the key.
    signed = JWS()
    signed.deserialize(jws)
    if signed.jose_header.get("alg") != "ES256":
        raise Refused(f"alg is {signed.jose_header.get('alg')!r}, not 'ES256'")

    verifier = SDJWTVerifier(compact, lambda _issuer, _header: key)
    payload = verifier.get_verified_payload()

    # The library passes over a disclosure that no digest names; RFC 9901 section 7.1 refuses it.
    digests = set(digests_in(verifier._sd_jwt_payload))
    for _, *rest in verifier._hash_to_decoded_disclosure.values():
        digests.update(digests_in(rest[-1]))
    unnamed = set(verifier._hash_to_disclosure) - digests
    if unnamed:
        raise Refused(f"{len(unnamed)} of {len(disclosures)} disclosures are named by no digest")

    report = {
        "header": signed.jose_header,
        "payload": payload,
        "withheld": len(digests) - len(disclosures),
    }
    return json.dumps(report, ensure_ascii=False, sort_keys=True)


def present(arguments):
    """Keeps only the disclosures that were asked for; returns the shorter credential."""
    wanted = {}
    for path in arguments.disclose:
        node = wanted
        for name in path.split("/"):
            node = node.setdefault(name, {})
    holder = SDJWTHolder(read_compact(arguments.credential))
    holder.create_presentation(selection(wanted) if wanted else {})
    return holder.sd_jwt_presentation


def selection(wanted):
    """The library's form of the choice: names to `True` or deeper choices, arrays by position."""
    if not wanted:
        return True
    chosen = {name: selection(below) for name, below in wanted.items()}
    if all(name.isdecimal() for name in chosen):
        last = max(int(name) for name in chosen)
        return [chosen.get(str(index)) for index in range(last + 1)]
    return chosen


def issue(arguments):
    """Issues one credential over the given claims; returns it in compact form."""
    claims = read_json_object(arguments.claims)
    header = read_json_object(arguments.header) if arguments.header else {}
    for path in arguments.disclosable:
        if not has(claims, path.split("/")):
            raise Unusable(f"--disclosable {path}: the claims have no such member")
    key = read_key(arguments.key)
    if not key.has_private:
        raise Unusable(f"{arguments.key}: a public key cannot sign")
    issuer = SDJWTIssuer(
        disclosable(claims, {tuple(path.split("/")) for path in arguments.disclosable}),
        key,
        sign_alg="ES256",
        extra_header_parameters={"typ": "dc+sd-jwt"} | header,
    )
    return issuer.sd_jwt_issuance


def disclosable(value, paths):
    """A copy of the claims in which each member at one of `paths` is marked as disclosable."""

    def below(name):
        return {path[1:] for path in paths if path[0] == name and len(path) > 1}

    if isinstance(value, dict):
        return {
            (SDObj(name) if (name,) in paths else name): disclosable(member, below(name))
            for name, member in value.items()
        }
    if isinstance(value, list):
        marked = ((str(index), disclosable(item, below(str(index)))) for index, item in enumerate(value))
        return [SDObj(item) if (index,) in paths else item for index, item in marked]
    return value


def has(value, names):
    """Whether the claims have a member at this path."""
    if not names:
        return True
    if isinstance(value, dict):
        return names[0] in value and has(value[names[0]], names[1:])
    if isinstance(value, list) and names[0].isdecimal() and int(names[0]) < len(value):
        return has(value[int(names[0])], names[1:])
    return False


def digests_in(value):
    """Every disclosure digest that stands anywhere in a payload or in a disclosed value."""
    if isinstance(value, dict):
        yield from value.get(DIGESTS, [])
        for member in value.values():
            yield from digests_in(member)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict) and set(item) == {ARRAY_DIGEST}:
                yield item[ARRAY_DIGEST]
            else:
                yield from digests_in(item)


def read_compact(path):
    """The compact form from a file; white space around it is not part of it."""
    compact = read(path).decode("ascii", errors="replace").strip()
    if "~" not in compact:
        raise Refused("no SD-JWT: there is no '~' after the signature")
    return compact


def read_key(path):
    """A P-256 key from a JWK or PEM file."""
    content = read(path)
    try:
        if content.lstrip().startswith(b"{"):
            key = JWK.from_json(content.decode("utf-8"))
        else:
            key = JWK.from_pem(content)
    except (JWException, ValueError) as error:
        raise Unusable(f"{path}: no key: {error}") from error
    if key.export_public(as_dict=True).get("crv") != "P-256":
        raise Unusable(f"{path}: not a P-256 key")
    return key


def read_json_object(path):
    """A JSON object from a file."""
    try:
        value = json.loads(read(path))
    except ValueError as error:
        raise Unusable(f"{path}: no JSON: {error}") from error
    if not isinstance(value, dict):
        raise Unusable(f"{path}: not a JSON object")
    return value


def read(path):
    """The bytes of a file."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from error


def parse_arguments():
    """The command line, as the module's text describes it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)

    command = commands.add_parser("verify")
    command.set_defaults(run=verify)
    command.add_argument("--issuer-key", required=True, metavar="KEY")
    command.add_argument("credential", metavar="CREDENTIAL")

    command = commands.add_parser("present")
    command.set_defaults(run=present)
    command.add_argument("--disclose", action="append", default=[], metavar="PATH")
    command.add_argument("credential", metavar="CREDENTIAL")

    command = commands.add_parser("issue")
    command.set_defaults(run=issue)
    command.add_argument("--key", required=True, metavar="KEY")
    command.add_argument("--claims", required=True, metavar="FILE")
    command.add_argument("--header", metavar="FILE")
    command.add_argument("--disclosable", action="append", default=[], metavar="PATH")

    return parser.parse_args()


def main():
    """Runs one command and maps what went wrong to an exit code."""
    arguments = parse_arguments()
    try:
        print(arguments.run(arguments))
    except Unusable as error:
        print(f"unusable: {error}", file=sys.stderr)
        return 2
    except Refused as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    # What the library raises on hostile input is not one family of errors: whatever it is, the
    # credential did not pass.
    except Exception as error:  # pylint: disable=broad-except
        print(f"refused: {type(error).__name__}:", *str(error).split(), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
