#!/usr/bin/env python3
"""Tests that compat.py reports each kind of breaking change and no safe change: compat_test.py CONTRACT"""

import copy
import json
import sys
from pathlib import Path

import compat
from document import whole

LIST, ONE, TARGET = "/v1/reports", "/v1/reports/{id}", "/v1/indicators/{code}/targets/{period}"

BREAKING, SAFE = [], []


def breaking(words):
    """compat.py must report the decorated change with these words."""
    return lambda change: BREAKING.append((change, words)) or change


def safe(change):
    SAFE.append(change)
    return change


def get(d, path=LIST):
    return d["paths"][path]["get"]


def post(d, path=LIST):
    return d["paths"][path]["post"]


def schema(d, name="Report"):
    return d["components"]["schemas"][name]


def parameter(operation, name):
    return next(p for p in operation["parameters"] if p["name"] == name)


def rename(mapping, old, new):
    mapping[new] = mapping.pop(old)


# ---- operations


@breaking("operation removed")
def a_path_goes(d):
    del d["paths"][ONE]


@breaking("operation removed")
def an_operation_goes(d):
    del d["paths"][ONE]["delete"]


@breaking("operationId changed")
def a_generated_function_is_renamed(d):
    get(d)["operationId"] = "listAllReports"


@breaking("servers:")
def the_server_moves(d):
    d["servers"][0]["url"] = "https://iku.example.go.id"


@breaking("security tightened")
def a_public_operation_wants_a_token(d):
    post(d, "/v1/auth/token")["security"] = [{"oauth2": []}]


@breaking("security tightened")
def one_more_scope_is_wanted(d):
    for way in get(d)["security"]:
        for scopes in way.values():
            scopes.append("reports:all")


@breaking("security tightened")
def one_way_in_is_closed(d):
    get(d)["security"].pop()


# ---- values that clients send


@breaking("parameter removed")
def a_parameter_goes(d):
    get(d)["parameters"] = [p for p in get(d)["parameters"] if p["name"] != "village_code"]


@breaking("parameter now required")
def a_parameter_becomes_required(d):
    parameter(get(d), "district_code")["required"] = True


@breaking("new required parameter")
def a_required_parameter_comes(d):
    get(d)["parameters"].append({"name": "year", "in": "query", "required": True, "schema": {"type": "integer"}})


@breaking("maximum tightened from 100 to 50")
def a_parameter_takes_less(d):
    parameter(get(d), "limit")["schema"]["maximum"] = 50


@breaking("request media type removed")
def a_media_type_goes(d):
    rename(post(d)["requestBody"]["content"], "application/json", "application/cbor")


@breaking("request body now required")
def a_body_becomes_required(d):
    operation = post(d, "/v1/clients/{id}/secrets")
    operation["requestBody"] = {"required": True, "content": {}}


@breaking("property now required")
def an_optional_property_becomes_required(d):
    schema(d, "NewReport")["required"].append("note")


@breaking("property now required")
def a_required_property_comes(d):
    schema(d, "NewReport")["properties"]["pages"] = {"type": "integer"}
    schema(d, "NewReport")["required"].append("pages")


@breaking("property removed")
def a_property_that_is_sent_goes(d):
    del schema(d, "NewReport")["properties"]["note"]


@breaking("maxLength tightened")
def less_text_is_taken(d):
    schema(d, "NewReport")["properties"]["note"]["maxLength"] = 50


@breaking("x-max-decimals tightened from 2 to 1")
def fewer_decimals_are_taken(d):
    schema(d, "NewTarget")["properties"]["value"]["x-max-decimals"] = 1


@breaking("request pattern added or changed")
def other_codes_are_taken(d):
    schema(d, "NewReport")["properties"]["village_code"]["pattern"] = "^63"


@breaking("request rule for text added or changed")
def a_note_is_one_line(d):
    schema(d, "NewReport")["properties"]["note"]["x-text"] = "line"


@breaking("request enum narrowed")
def a_value_is_no_longer_taken(d):
    schema(d, "ReportStatus")["enum"].remove("returned")


@breaking("request type narrowed")
def null_is_no_longer_taken(d):
    schema(d, "NewReport")["properties"]["note"]["type"] = "string"


@breaking("request body closed")
def an_open_body_is_closed(d):
    schema(d, "TokenRequest")["additionalProperties"] = False


@breaking("format date became date-time")
def another_format(d):
    schema(d, "NewReport")["properties"]["delivered_on"]["format"] = "date-time"


# ---- values that clients receive


@breaking("property removed")
def a_property_that_is_received_goes(d):
    del schema(d)["properties"]["note"]
    schema(d)["required"].remove("note")


@breaking("property no longer always there")
def a_property_becomes_optional(d):
    schema(d)["required"].remove("recorded_at")


@breaking("response type widened")
def a_property_may_be_null(d):
    schema(d)["properties"]["recorded_by"]["type"] = ["string", "null"]


@breaking("response type widened")
def a_reference_may_be_null(d):
    schema(d)["properties"]["status"] = {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/ReportStatus"}]}


@breaking("response type widened")
def an_integer_becomes_a_number(d):
    schema(d)["properties"]["fiscal_year"]["type"] = "number"


@breaking("response enum widened")
def an_unknown_value_may_come(d):
    schema(d, "ReportStatus")["enum"].append("lost")


@breaking("maxLength loosened")
def longer_text_may_come(d):
    schema(d)["properties"]["recorded_by"]["maxLength"] = 5000


@breaking("success status removed")
def another_success_status(d):
    rename(post(d)["responses"], "201", "202")


@breaking("new success status")
def one_more_success_status(d):
    get(d)["responses"]["206"] = {"description": "x"}


@breaking("response header removed")
def a_header_goes(d):
    del get(d, ONE)["responses"]["200"]["headers"]["ETag"]


@breaking("response header no longer always there")
def a_header_becomes_optional(d):
    d["components"]["headers"]["ETag"]["required"] = False


@breaking("response media type removed")
def an_answer_comes_in_another_form(d):
    rename(get(d)["responses"]["200"]["content"], "application/json", "application/cbor")


# ---- safe changes


@safe
def nothing(d):
    pass


@safe
def an_operation_comes(d):
    d["paths"]["/v1/hamlets"] = {"get": {**copy.deepcopy(get(d)), "operationId": "listHamlets"}}


@safe
def an_optional_property_is_taken(d):
    schema(d, "NewReport")["properties"]["pages"] = {"type": ["integer", "null"], "maximum": 9}


@safe
def one_more_property_comes(d):
    schema(d)["properties"]["pages"] = {"type": "integer", "maximum": 9}
    schema(d)["required"].append("pages")


@safe
def an_optional_parameter_comes(d):
    get(d)["parameters"].append({"name": "year", "in": "query", "required": False, "schema": {"type": "integer"}})


@safe
def a_parameter_takes_more(d):
    parameter(get(d), "limit")["schema"]["maximum"] = 500


@safe
def better_words(d):
    get(d)["description"] = "x"
    schema(d)["description"] = "x"


@safe
def more_text_is_taken(d):
    schema(d, "NewReport")["properties"]["note"]["maxLength"] = 9000


@safe
def less_text_comes(d):
    schema(d)["properties"]["recorded_by"]["maxLength"] = 10


@safe
def a_required_property_becomes_optional(d):
    schema(d, "NewReport")["required"].remove("delivered_on")


@safe
def one_more_problem_is_documented(d):
    get(d)["responses"]["418"] = {"description": "x"}


@safe
def one_less_scope_is_wanted(d):
    for way in get(d)["security"]:
        for scopes in way.values():
            scopes.clear()


@safe
def a_schema_is_renamed(d):
    text = json.dumps(d).replace("#/components/schemas/Report\"", "#/components/schemas/VillageReport\"")
    d.clear()
    d.update(json.loads(text))
    rename(d["components"]["schemas"], "Report", "VillageReport")


@safe
def an_operation_is_deprecated(d):
    get(d)["deprecated"] = True


# ---- versions: the released version, the version now, whether the change is breaking, whether the version allows it

VERSIONS = [
    ("0.1.0", "0.1.0", False, True),
    ("0.1.0", "0.1.1", False, True),
    ("0.1.0", "0.1.0", True, False),
    ("0.1.0", "0.1.9", True, False),
    ("0.1.9", "0.2.0", True, True),
    ("0.2.0", "0.1.9", False, False),
    ("0.9.0", "1.0.0", True, True),
    ("1.2.3", "1.2.3", False, True),
    ("1.2.3", "1.3.0", True, False),
    ("1.9.9", "1.10.0", False, True),
    ("1.2.3", "2.0.0", True, True),
    ("2.0.0", "1.9.0", False, False),
]


def changed(contract, *changes):
    document = copy.deepcopy(contract)
    for change in changes:
        change(document)
    return document


def versioned(number):
    def change(document):
        document["info"]["version"] = number

    return change


def main():
    published = json.loads(Path(sys.argv[1]).read_text())
    contract = whole(published)
    found = compat.Comparison(contract, published).run().breaking + compat.Comparison(published, contract).run().breaking
    faults = [f"shared responses and parameters are no change: {found}"] if found else []
    for change, words in BREAKING:
        found = compat.Comparison(contract, changed(contract, change)).run().breaking
        if not any(words in line for line in found):
            faults.append(f"{change.__name__}: no \"{words}\" among {found}")
    for change in SAFE:
        found = compat.Comparison(contract, changed(contract, change)).run().breaking
        if found:
            faults.append(f"{change.__name__}: a false alarm: {found}")
    for released, now, breaks, may_be in VERSIONS:
        old = changed(contract, versioned(released))
        new = changed(contract, versioned(now), *([an_operation_goes] if breaks else []))
        if compat.judge(old, new)[0] != may_be:
            faults.append(f"{released} to {now}, {'breaking' if breaks else 'safe'}: should be {may_be}")
    for fault in faults:
        print(fault)
    print(f"{len(BREAKING)} breaking and {len(SAFE)} safe changes, {len(VERSIONS)} versions, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
