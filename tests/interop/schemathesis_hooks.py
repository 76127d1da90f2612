"""What Schemathesis has to know of the interface that OpenAPI cannot say.

A well-formed request is made to keep rules between its parts, which a schema has no words for; a malformed one is
sent as it is.
"""

import itertools
import json
import os
import re
from datetime import date, timedelta

import schemathesis
from hypothesis import strategies as st
from schemathesis.generation.meta import TestPhase

# --- formats -----------------------------------------------------------------------------------------

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def with_check_character(first17):
    """GB 32100: weights 3^(i-1) mod 31."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(first17))
    return first17 + ALPHABET[-total % 31]


USCC = re.compile(r"[0-9ANY][0-9]\d{6}[0-9A-HJ-NP-RTUW-Y]{10}")
# What there is in the city: a company, and by the id of an operation what stands in its path.
KNOWN = json.loads(os.environ["YINXIN_KNOWN"])
ANY_USCC = st.text(alphabet=ALPHABET, min_size=9, max_size=9).map(
    lambda rest: with_check_character("91441900" + rest)
)

schemathesis.openapi.format("uscc", st.just(KNOWN["uscc"]) | ANY_USCC)
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


def as_people_write(value):
    """The last character of a unified social credit code follows from the others, and whole numbers have no point."""
    if isinstance(value, str) and USCC.fullmatch(value):
        return with_check_character(value[:17])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: as_people_write(member) for name, member in value.items()}
    if isinstance(value, list):
        return [as_people_write(element) for element in value]
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
    # The coverage phase writes neither quotes nor asterisks into headers, and takes what it writes for well-formed.
    for name, written in {"If-Match": '"1"', "If-None-Match": "*"}.items():
        if not set(case.headers.get(name, written)) & set('"*'):
            case.headers[name] = written
    if "If-Match" in case.headers:
        case.headers.pop("If-None-Match", None)


def import_companies(case):
    """One registration with each department."""
    keep_term_in_order(case.body["company"])
    registrations = case.body.get("registrations", [])
    case.body["registrations"] = list({one["department"]: one for one in registrations}.values())


def issue(case):
    """A company that there is gets a credential of a type that there is."""
    if case.body["uscc"] == KNOWN["uscc"]:
        case.body["type"] = "business-registration"


def propose(case):
    """Something changes: for some day, one caller refuses a certificate authority that there is. No row goes."""
    case.body.pop("removed", None)
    case.body["added"] = [
        {
            "caller": "bank-a",
            "ca": "alpha",
            "usage": "tax",
            "decision": "refuse",
            "validFrom": f"{day}T00:00:00Z",
            "validUntil": f"{day + timedelta(days=1)}T00:00:00Z",
        }
        for day in itertools.islice(DAYS, len(case.body.get("added", [])) or 1)
    ]


def rehearse(case):
    """What would change is what could be proposed."""
    if "proposal" not in case.body:
        propose(case)


def open_session(case):
    """A code has check characters."""
    if "pickUpCode" in case.body:
        case.body["pickUpCode"] = KNOWN["pickUpCode"]


# Each is taken once: two rows for the same time would contradict each other.
DAYS = (date(2030, 1, 1) + timedelta(days=number) for number in itertools.count())

RULES = {
    "checkRecognition": verify,
    "importCompanies": import_companies,
    "issueCredential": issue,
    "openHolderSession": open_session,
    "proposeRecognition": propose,
    "recordFacts": record_facts,
    "rehearseRecognition": rehearse,
    "verify": verify,
}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Has a well-formed request keep the rules, and be about something that there is."""
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    operation = case.operation.definition.raw["operationId"]
    # What follows on another request is about what that one made.
    if case.meta.phase.name is not TestPhase.STATEFUL:
        case.path_parameters.update(KNOWN.get(operation, {}))
    case.path_parameters = as_people_write(case.path_parameters)
    case.query = as_people_write(case.query)
    case.body = as_people_write(case.body)
    rule = RULES.get(operation)
    if rule:
        rule(case)
