"""What Schemathesis has to know of the interface that OpenAPI cannot say.

A well-formed request is made to keep rules between its parts, which a schema has no words for; a malformed one is
sent as it is.
"""

import json
import os
import re

import schemathesis
from hypothesis import strategies as st

# --- formats -----------------------------------------------------------------------------------------

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def with_check_character(first17):
    """GB 32100: weights 3^(i-1) mod 31."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(first17))
    return first17 + ALPHABET[-total % 31]


USCC = re.compile(r"[0-9ANY][0-9]\d{6}[0-9A-HJ-NP-RTUW-Y]{10}")
KNOWN_USCC = os.environ["YINXIN_KNOWN_USCC"]
ANY_USCC = st.text(alphabet=ALPHABET, min_size=9, max_size=9).map(
    lambda rest: with_check_character("91441900" + rest)
)

schemathesis.openapi.format("uscc", st.just(KNOWN_USCC) | ANY_USCC)
schemathesis.openapi.format("originals", st.just("[]"))

# --- media types -------------------------------------------------------------------------------------


@schemathesis.serializer("application/x-ndjson", "application/timestamp-query")
def serialize(ctx, value):
    """One line of JSON; bytes and text as they are."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return json.dumps(value).encode() + b"\n"


# --- rules between the parts of a request ------------------------------------------------------------


def right_check_characters(value):
    """The last character of a unified social credit code follows from the others."""
    if isinstance(value, str) and USCC.fullmatch(value):
        return with_check_character(value[:17])
    if isinstance(value, dict):
        return {name: right_check_characters(member) for name, member in value.items()}
    if isinstance(value, list):
        return [right_check_characters(element) for element in value]
    return value


def keep_digest_and_algorithm_together(values):
    """A digest has the length that its algorithm makes it, and neither stands alone."""
    if "digest" in values or "digestAlgorithm" in values:
        values["digest"], values["digestAlgorithm"] = "0f" * 32, "sm3"


def give_originals_names(body):
    """Of one content there is one digest by each algorithm; without a name all are of one content."""
    for place, original in enumerate(body.get("originals", [])):
        original["name"] = str(place)


def keep_term_in_order(facts):
    """A business term does not end before it begins."""
    term = facts.get("businessTerm")
    if term and term.get("until"):
        term["from"], term["until"] = sorted([term["from"], term["until"]])


def verify(case):
    """The query speaks for a document that is the body itself; other bodies say everything themselves."""
    if case.media_type == "application/octet-stream":
        keep_digest_and_algorithm_together(case.query)
        return
    case.query.clear()
    if case.media_type == "application/json":
        give_originals_names(case.body)
    else:
        keep_digest_and_algorithm_together(case.body)


def record_facts(case):
    """The code in the body is that in the address, and a company is new or at a version, not both."""
    case.body["uscc"] = case.path_parameters["uscc"]
    keep_term_in_order(case.body)
    if "If-Match" in case.headers:
        case.headers.pop("If-None-Match", None)


def import_companies(case):
    """One registration with each department."""
    keep_term_in_order(case.body["company"])
    registrations = case.body.get("registrations", [])
    case.body["registrations"] = list({one["department"]: one for one in registrations}.values())


RULES = {
    "checkRecognition": verify,
    "importCompanies": import_companies,
    "recordFacts": record_facts,
    "verify": verify,
}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Has a well-formed request keep the rules."""
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    case.path_parameters = right_check_characters(case.path_parameters)
    case.query = right_check_characters(case.query)
    case.body = right_check_characters(case.body)
    rule = RULES.get(case.operation.definition.raw.get("operationId"))
    if rule:
        rule(case)
