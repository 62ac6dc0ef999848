"""Hooks for schemathesis: they sign in, correct unique keys and preconditions, and count the responses.

Without them nearly every POST is a 409 or 422 and every PATCH a 428 or 412, and the rest of the operation is not tested.
Every fourth call keeps its generated values, so that those responses are tested too.
"""

import ast
import atexit
import base64
import hashlib
import itertools
import json
import os
import threading
from collections import Counter, defaultdict

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation as At

from fuzzing import bodies, things
from fuzzing.api import USER, ask, forget, sign_in, token

_calls = defaultdict(itertools.count)
# The records that responses named, and the records that this run created, each as (collection, id or code). The ETags.
_known, _made, _tags = set(), set(), set()
# By operation: the path and the query of a list with its next cursor.
_pages = {}
_counts = defaultdict(Counter)

# Before Python 3.11.8 and 3.12.2 two threads that parse at once disturb each other (python/cpython#106905). Hypothesis parses
# the lambdas of strategies in each worker.
_parse, _parsing = ast.parse, threading.RLock()


def _parse_alone(*arguments, **options):
    with _parsing:
        return _parse(*arguments, **options)


ast.parse = _parse_alone

FORBIDDEN = set(json.loads(os.environ.get("IKU_FUZZ_FORBIDDEN", "[]")))
WRITES = {"PATCH", "DELETE"}



def of(make, key="id"):
    return lambda: {key: make()[key]}


def _response():
    return {"id": things.open_survey(), "response_id": things.response()["id"]}


# A day or an instant, as `occurred_at` of a case takes it.
_instants = st.datetimes().map(lambda instant: instant.isoformat() + "Z")
schemathesis.openapi.format("date-or-date-time", st.dates().map(str) | _instants)

# Functions that create a record for the path of an operation.
MAKERS = {
    "/v1/agreements/": of(things.agreement), "/v1/evidence-links/": of(things.evidence_link),
    "/v1/evidence/": lambda: {"sha256": things.evidence_link()["sha256"]},
    "/v1/cases/": of(things.case), "/v1/clients/": of(things.system), "/v1/decrees/": of(things.decree),
    "/v1/held-responses/": of(things.held_response), "/v1/indicators/": of(things.indicator, "code"),
    "/v1/institutions/": of(things.institution), "/v1/report-kinds/": of(things.report_kind, "code"),
    "/v1/reports/": of(things.report), "/v1/survey-links/": of(things.survey_link), "/v1/surveys/": of(things.survey), "/v1/users/": of(things.user),
    "/v1/villages/": of(things.village, "code"),
    "/v1/institution-kinds/": of(things.listed_code("institution-kinds"), "code"),
    "/v1/case-categories/": of(things.listed_code("case-categories"), "code"),
    "/v1/services/": of(things.listed_code("services"), "code"), "/v1/profile-values/": things.profile_value,
}  # fmt: skip
SPECIAL = {
    "createEnrolment": of(things.device),
    "createResponse": lambda: {"id": things.open_survey()},
    "getSurveyIndex": lambda: {"id": things.open_survey()},
    "listResponses": lambda: {"id": things.open_survey()},
    "getResponse": _response,
    "deleteResponse": _response,
    "restoreDecree": of(lambda: things.deleted("decrees", things.decree)),
    "restoreIndicator": of(lambda: things.deleted("indicators", things.indicator), "code"),
    "restoreReportKind": of(lambda: things.deleted("report-kinds", things.report_kind), "code"),
    "restoreCase": of(lambda: things.deleted("cases", things.case)),
    "restoreReport": of(lambda: things.deleted("reports", things.report)),
    "restoreVillage": of(lambda: things.deleted("villages", things.village), "code"),
    "restoreInstitution": of(lambda: things.deleted("institutions", things.institution)),
    "updateInstitutionDecree": things.institution_decree,
    "restoreSurvey": of(lambda: things.deleted("surveys", things.survey)),
    "restoreResponse": things.voided_response,
    "restoreResponseVoid": of(things.response_void),
    "restoreHeldResponse": of(things.discarded_response),
    "restoreHeldDecision": of(things.held_decision),
    "listResponseVersions": _response,
    "getHeldDecision": of(things.held_decision),
    "getResponseVoid": of(things.response_void),
    "getTarget": things.target,
    "deleteTarget": things.target,
    "replaceTarget": things.target_place,
    "listTargetVersions": things.target,
    "restoreAgreement": of(lambda: things.deleted("agreements", things.agreement)),
    "createTargetEvidence": things.target,
    "listTargetEvidence": things.target,
    "createInstitutionDecreeEvidence": things.institution_decree,
    "listInstitutionDecreeEvidence": things.institution_decree,
    "getNote": things.note,
    "deleteNote": things.note,
    "replaceNote": things.note_place,
    "listNoteVersions": things.note,
    "getPastValue": things.past_value,
    "deletePastValue": things.past_value,
    "replacePastValue": things.past_value_place,
    "listPastValueVersions": things.past_value,
    "listTargets": lambda: {"code": things.own_indicator()},
    "getDistrict": lambda: {"code": things.DISTRICT},
    "updateDistrict": lambda: {"code": things.DISTRICT},
    "listDistrictVersions": lambda: {"code": things.DISTRICT},
    "getQuestionnaire": lambda: {"code": "skm-9"},
    "getProblemKind": lambda: {"code": "not_found"},
    "listIndicatorRealisations": lambda: {"code": "paringin-iku-4"},
    "getRealisation": lambda: {"code": "paringin-iku-4", "period": "2025-Q2"},
    "getRealisationExplanation": lambda: {"code": "paringin-iku-4", "period": "2025-Q2"},
}


# What is set by PUT: the operation, the collection and the member of the path. `If-Match` is required if it is set already.
SET = {
    "replaceTarget": ("targets", "period"), "replaceNote": ("notes", "period"), "replacePastValue": ("past-values", "year"),
}  # fmt: skip


class SignedIn:
    """Signs in as the user under test."""

    def get(self, case, context):
        return token(USER)

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


# For the gate `peers`, the fuzzer itself signs in as both officers.
if "IKU_FUZZ_PEERS" not in os.environ:
    schemathesis.auth(refresh_interval=None)(SignedIn)


def operation_id(case):
    return case.operation.definition.raw.get("operationId")


def places(case):
    """Returns the records that the path names, each as (collection, id or code)."""
    collection = [*case.path.removeprefix("/v1").split("/"), ""][1]
    path = case.path_parameters or {}
    return {("responses" if name == "response_id" else collection, value) for name, value in path.items()}


def session_of(token):
    """Returns the id of a token's session, which is one of its claims."""
    claims = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=="))["sid"]


def negative(case, where):
    return case.meta is not None and case.meta.is_negative_at(where)


@schemathesis.serializer("application/pdf", "image/jpeg", "image/png")
def files(context, value):
    """A file is sent as it is."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.deserializer("application/json")
def content(context, response):
    """The fuzzer takes `application/jwt` for JSON, but a compact JWS is text."""
    is_statement = response.headers.get("content-type", [""])[0].startswith("application/jwt")
    return response.text if is_statement else response.json()


@schemathesis.hook
def before_call(context, case, kwargs):
    name = operation_id(case)
    correct(case, name)
    # Last, because the fuzzer judges a changed case again and then takes the year of a path, a string, for a number.
    if isinstance(case.body, dict) and name in ("replaceTarget", "replacePastValue"):
        bodies.target(case.body)


def correct(case, name):
    call = next(_calls[name])
    protect_existing_records(case)
    if name == "updateMyPassword":
        as_another_user(case)
    if name in ("deleteMySession", "deleteMyOtherSessions") and "Authorization" in (case.headers or {}):
        # The tester's own sessions must go on.
        other = sign_in(things.user()["username"], things.PASSWORD)
        case.headers["Authorization"] = f"Bearer {other}"
        if case.path_parameters and call % 4 != 3 and not negative(case, At.PATH):
            case.path_parameters["id"] = session_of(other)
    cursor(case, name, call)
    if name == "listGapRecords" and isinstance(case.query, dict) and not negative(case, At.QUERY):
        # The fuzzer does not know `x-max-decimals`.
        target = case.query.get("target")
        if isinstance(target, (int, float)) and not isinstance(target, bool):
            case.query["target"] = round(target, 2)
    if case.headers and not negative(case, At.HEADER) and isinstance(case.body, dict) and "id" in case.body:
        # Two different ids would be 400.
        case.headers.pop("Idempotency-Key", None)
    if isinstance(case.body, dict):
        # The tests in Rust send compressed bodies; here the header would be wrong.
        if case.headers and not negative(case, At.HEADER):
            case.headers.pop("Content-Encoding", None)
    if call % 4 == 3 or name in FORBIDDEN:
        return
    path = fill_path(case, name)
    if name == "replaceEvidence" and not (case.meta and case.meta.generation.mode.is_negative):
        # The name of a file is its content.
        content = things.file()
        case.body = content.decode()
        case.media_type = "application/pdf"
        case.path_parameters["sha256"] = hashlib.sha256(content).hexdigest()
    if isinstance(case.query, dict) and "cursor" in case.query and not negative(case, At.QUERY):
        # The cursor belongs to the page of another path.
        if _pages.get(name, ({},))[0] != (case.path_parameters or {}):
            del case.query["cursor"]
    condition(case, name, path)
    correct_body = bodies.CORRECTIONS.get(name)
    if name == "getSurveyIndex" and call % 2 == 0 and not negative(case, At.QUERY):
        # The survey was created in this run, so it did not exist at a past instant.
        case.query.pop("as_of", None)
    if name == "getReportCompleteness" and not negative(case, At.QUERY):
        case.query["district_code"] = things.DISTRICT
    if isinstance(case.body, dict):
        if correct_body is not None:
            correct_body(case.body)
        elif name == "updateIndicator":
            bodies.indicator_patch(case.body, path)


def fill_path(case, name):
    """Fills the path with records that exist. Keeps ids that come from a link or an earlier response."""
    path = case.path_parameters
    if not path or negative(case, At.PATH):
        return path or {}
    sure = _made if case.method in WRITES or case.method == "POST" else _known
    # A known client may be a system, which cannot be enrolled.
    if places(case) <= sure and name != "createEnrolment" and not name.startswith("restore"):
        return path
    make = SPECIAL.get(name) or next((m for start, m in MAKERS.items() if case.path.startswith(start)), None)
    if make is not None:
        path.update(make())
        _made.update(place for place in places(case) if place[1] not in things.shared)
    return path


def condition(case, name, path):
    """Sets an `If-Match` that matches, unless the header is under test or has a tag from an earlier response."""
    headers = case.headers
    if negative(case, At.HEADER) or not headers:
        return
    if name in SET:
        headers.pop("If-Match", None)
        headers.pop("If-None-Match", None)
        if not negative(case, At.PATH):
            headers.update(things.condition(path, *SET[name]))
    elif "If-Match" in headers and headers["If-Match"] not in _tags:
        headers["If-Match"] = "*"


def cursor(case, name, call):
    """Sets a cursor of the service with its query. With any other cursor the response is 400."""
    if not isinstance(case.query, dict) or "cursor" not in case.query or negative(case, At.QUERY):
        return
    if name in _pages and call % 2:
        path, query = _pages[name]
        if path != (case.path_parameters or {}):
            del case.query["cursor"]
            return
        case.query.clear()
        case.query.update(query)
    else:
        del case.query["cursor"]


def protect_existing_records(case):
    """Replaces the path of a write that would change the tester's account or another record from before the run."""
    before = things.once("before", records_before_the_run)
    # A link that the fuzzer inferred can have null as id.
    if None in (case.path_parameters or {}).values() and not negative(case, At.PATH):
        fill_path(case, operation_id(case))
    if case.method in WRITES and not negative(case, At.PATH):
        is_shared = any(value in things.shared for _, value in places(case))
        if is_shared or places(case) & (before | (_known - _made)):
            fill_path(case, operation_id(case))


def records_before_the_run():
    """Returns the records that the database had when the run began."""
    lists = ["report-kinds", "villages", "indicators", "decrees", "users", "clients", "surveys"]
    lists += ["institution-kinds", "case-categories", "services", "profile-values"]
    items = ((name, thing) for name in lists for thing in ask("GET", f"/{name}?limit=100").json()["items"])
    return {(name, thing.get("id") or thing["code"]) for name, thing in items}


def as_another_user(case):
    """Sends the change of a password as another user, because the tester's own password must stay the same."""
    if "Authorization" not in (case.headers or {}):
        return
    if isinstance(case.body, dict) and not negative(case, At.BODY) and not negative(case, At.HEADER):
        user = things.user()
        case.headers["Authorization"] = f"Bearer {sign_in(user['username'], things.PASSWORD)}"
        case.body["current_password"] = things.PASSWORD
    elif isinstance(case.body, dict):
        bodies.swap(case.body, "current_password", lambda v: v == things.PASSWORD, "bukan-ini")


@schemathesis.hook
def after_call(context, case, response):
    name = operation_id(case)
    method = response.request.method
    if method != case.operation.method.upper():
        return
    _counts[name][response.status_code] += 1
    if response.status_code == 401 and "Authorization" in response.request.headers:
        forget(USER)
    if method == "DELETE" and response.status_code in (200, 204):
        _known.difference_update(places(case))
        _made.difference_update(places(case))
    if response.status_code not in (200, 201):
        return
    if "etag" in response.headers:
        _tags.update(response.headers["etag"])
    if not response.headers.get("content-type", [""])[0].startswith("application/json"):
        return
    body = response.json()
    made = response.status_code == 201
    # `responses` of `/v1/surveys/{id}/responses`
    collection = [s for s in case.path.split("/") if s and not s.startswith("{")][-1]
    for thing in [body, *body.get("items", [])] if isinstance(body, dict) else []:
        for value in (thing.get("id"), thing.get("code")) if isinstance(thing, dict) else ():
            if isinstance(value, str):
                _known.add((collection, value))
                if made:
                    _made.add((collection, value))
    if isinstance(body, dict) and body.get("next_cursor") and isinstance(case.query, dict):
        _pages[name] = (dict(case.path_parameters or {}), {**case.query, "cursor": body["next_cursor"]})


@schemathesis.check
def forbidden_without_the_scope(context, response, case):
    if operation_id(case) in FORBIDDEN and case.method == response.request.method:
        sent = response.request.headers.get("Authorization")
        assert response.status_code in ((403, 404) if sent else (401,)), f"{response.status_code} without the scope"


@schemathesis.check
def nothing_internal(context, response, case):
    """Fails if a problem contains a statement, a source file or a panic."""
    if response.status_code >= 400:
        content = response.content
        for word in (b"SELECT ", b"INSERT INTO", b".rs:", b"panicked", b"sqlx", b"stack backtrace"):
            assert word not in content, f"the response contains {word.decode()}"


@atexit.register
def write_counts():
    path = os.environ.get("IKU_FUZZ_COUNTS")
    if path:
        with open(path, "w") as out:
            json.dump({name: dict(found) for name, found in _counts.items()}, out)
