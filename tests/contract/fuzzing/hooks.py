"""Hooks for schemathesis: they sign in, keep unique keys and preconditions from masking faults, and count.

Without them nearly every POST is a 409 or 422 and every PATCH a 428 or 412, which counts as "refused" whatever the
service does with the rest. Every fourth call is left as it was generated, so that those answers are seen, too.
"""

import atexit
import itertools
import json
import os
from collections import Counter, defaultdict

import schemathesis
from schemathesis.core.parameters import ParameterLocation as At

from fuzzing import bodies, things
from fuzzing.api import USER, ask, forget, sign_in, token

_calls = defaultdict(itertools.count)
# What the service gave out and what was made in this run, each as (collection, id or code).
_known, _made, _tags = set(), set(), set()
# A list with its cursor: a cursor belongs to its query.
_pages = {}
_counts = defaultdict(Counter)
FORBIDDEN = set(json.loads(os.environ.get("IKU_FUZZ_FORBIDDEN", "[]")))
WRITES = {"PATCH", "DELETE"}



def of(make, key="id"):
    return lambda: {key: make()[key]}


def _response():
    return {"id": things.open_survey(), "response_id": things.response()["id"]}


# How the path of an operation is filled: with something that nobody else uses, if it is to be changed.
MAKERS = {
    "/v1/cases/": of(things.case), "/v1/clients/": of(things.system), "/v1/decrees/": of(things.decree),
    "/v1/held-responses/": of(things.held_response), "/v1/indicators/": of(things.indicator, "code"),
    "/v1/institutions/": of(things.institution), "/v1/report-kinds/": of(things.report_kind, "code"),
    "/v1/reports/": of(things.report), "/v1/surveys/": of(things.survey), "/v1/users/": of(things.user),
    "/v1/villages/": of(things.village, "code"),
}  # fmt: skip
SPECIAL = {
    "createEnrolment": of(things.device),
    "createResponse": lambda: {"id": things.open_survey()},
    "getSurveyIndex": lambda: {"id": things.open_survey()},
    "listResponses": lambda: {"id": things.open_survey()},
    "getResponse": _response,
    "deleteResponse": _response,
    "getTarget": things.target,
    "deleteTarget": things.target,
    "replaceTarget": things.target_place,
    "listTargets": lambda: {"code": things.own_indicator()},
    "getDistrict": lambda: {"code": things.DISTRICT},
    "getQuestionnaire": lambda: {"code": "skm-9"},
    "getProblemKind": lambda: {"code": "not_found"},
    "listIndicatorRealisations": lambda: {"code": "paringin-iku-4"},
    "getRealisation": lambda: {"code": "paringin-iku-4", "period": "2025-Q2"},
    "getRealisationExplanation": lambda: {"code": "paringin-iku-4", "period": "2025-Q2"},
}


class SignedIn:
    """As the user under test."""

    def get(self, case, context):
        return token(USER)

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


# Peers are told apart by the fuzzer's own way of signing in.
if "IKU_FUZZ_PEERS" not in os.environ:
    schemathesis.auth(refresh_interval=None)(SignedIn)


def operation_id(case):
    return case.operation.definition.raw.get("operationId")


def places(case):
    """What the path names, each as (collection, id or code)."""
    collection = case.path.removeprefix("/v1").split("/")[1]
    path = case.path_parameters or {}
    return {("responses" if name == "response_id" else collection, value) for name, value in path.items()}


def negative(case, where):
    return case.meta is not None and case.meta.is_negative_at(where)


@schemathesis.hook
def before_call(context, case, kwargs):
    name = operation_id(case)
    call = next(_calls[name])
    protect_oneself(case)
    if name == "updateMyPassword":
        as_somebody_else(case)
    cursor(case, name, call)
    if isinstance(case.body, dict):
        if name == "replaceTarget":
            bodies.target(case.body)
        # What is announced as packed is packed by the tests in Rust.
        if case.headers and not negative(case, At.HEADER):
            case.headers.pop("Content-Encoding", None)
    if call % 4 == 3 or name in FORBIDDEN:
        return
    path = fill_path(case, name)
    condition(case, name, path)
    mend = bodies.MENDERS.get(name)
    if name == "getSurveyIndex" and call % 2 == 0 and not negative(case, At.QUERY):
        # The survey that was made for this was not known then.
        case.query.pop("as_of", None)
    if name == "getReportCompleteness" and not negative(case, At.QUERY):
        case.query["district"] = things.DISTRICT
    if isinstance(case.body, dict):
        if mend is not None:
            mend(case.body)
        elif name == "updateIndicator":
            bodies.indicator_patch(case.body, path)


def fill_path(case, name):
    """Things that are there. What a link or an earlier answer gave is there already."""
    path = case.path_parameters
    if not path or negative(case, At.PATH):
        return path or {}
    sure = _made if case.method in WRITES or case.method == "POST" else _known
    # A client that is there may be a system's, which cannot be enrolled.
    if places(case) <= sure and name != "createEnrolment":
        return path
    make = SPECIAL.get(name) or next((m for start, m in MAKERS.items() if case.path.startswith(start)), None)
    if make is not None:
        path.update(make())
        _made.update(places(case))
    return path


def condition(case, name, path):
    """`If-Match` that holds, unless it is what is tested, or is a tag that a link took from an answer."""
    headers = case.headers
    if negative(case, At.HEADER) or not headers:
        return
    if name == "replaceTarget":
        headers.pop("If-Match", None)
        if not negative(case, At.PATH):
            headers.update(things.target_condition(path))
    elif "If-Match" in headers and headers["If-Match"] not in _tags:
        headers["If-Match"] = "*"


def cursor(case, name, call):
    """A cursor that the service gave, with its own query; others are 400 whatever the rest is."""
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


def protect_oneself(case):
    """Whoever tests must not switch off the account, nor change what was there before."""
    before = things.once("before", there_before)
    # An inferred link takes an id from where it is null.
    if None in (case.path_parameters or {}).values() and not negative(case, At.PATH):
        fill_path(case, operation_id(case))
    if case.method in WRITES and not negative(case, At.PATH):
        if places(case) & (before | (_known - _made)):
            fill_path(case, operation_id(case))


def there_before():
    """What the database held when the run began."""
    lists = ["report-kinds", "villages", "indicators", "decrees", "users", "clients", "surveys"]
    items = ((name, thing) for name in lists for thing in ask("GET", f"/{name}?limit=100").json()["items"])
    return {(name, thing.get("id") or thing["code"]) for name, thing in items}


def as_somebody_else(case):
    """Whose password may be changed: the one of the document's example is that of whoever tests."""
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
    if method == "DELETE" and response.status_code == 204:
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
def forbidden_where_the_scope_lacks(context, response, case):
    if operation_id(case) in FORBIDDEN and case.method == response.request.method:
        sent = response.request.headers.get("Authorization")
        assert response.status_code in ((403, 404) if sent else (401,)), f"{response.status_code} without the scope"


@schemathesis.check
def nothing_internal(context, response, case):
    """No statement, no source file and no panic in an answer."""
    if response.status_code >= 400:
        said = response.content
        for word in (b"SELECT ", b"INSERT INTO", b".rs:", b"panicked", b"sqlx", b"stack backtrace"):
            assert word not in said, f"the answer holds {word.decode()}"


@atexit.register
def write_counts():
    path = os.environ.get("IKU_FUZZ_COUNTS")
    if path:
        with open(path, "w") as out:
            json.dump({name: dict(found) for name, found in _counts.items()}, out)
