#!/usr/bin/env python3
"""Tests that each rule finds a violation: rules_test.py CONTRACT WORK_FOLDER

The script takes a part of the contract, breaks one rule at a time, and expects that the linter reports the rule.
It also fails if a rule of openapi/contract.spectral.yaml has no mutant.
"""

import copy
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from document import whole

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "openapi" / "contract.spectral.yaml"
TOOLS = ROOT / "target" / "contract" / "node_modules" / ".bin"

# A part of the contract that can break every rule and is small enough to be linted a hundred times.
LIST, ONE = "/v1/reports", "/v1/reports/{id}"
INDICATORS = "/v1/indicators"
TARGETS, TARGET = "/v1/indicators/{code}/targets", "/v1/indicators/{code}/targets/{period}"
TOKEN = "/v1/auth/token"
PART = [LIST, ONE, INDICATORS, TARGETS, TARGET, TOKEN]

MUTANTS = []


def breaks(*rules):
    """Marks a function that changes a document so that each of these rules must report it."""

    def keep(mutate):
        MUTANTS.append((mutate.__name__, rules, mutate))
        return mutate

    return keep


def get(document, path=LIST):
    return document["paths"][path]["get"]


def post(document, path=LIST):
    return document["paths"][path]["post"]


def schema(document, name="Report"):
    return document["components"]["schemas"][name]


def parameter(operation, name):
    return next(p for p in operation["parameters"] if p["name"] == name)


def without(operation, name):
    operation["parameters"] = [p for p in operation["parameters"] if p["name"] != name]


def rename(mapping, old, new):
    mapping[new] = mapping.pop(old)


# ---- the document


@breaks("contract-openapi-31")
def an_older_openapi(d):
    d["openapi"] = "3.0.3"


@breaks("contract-semver")
def a_version_of_two_numbers(d):
    d["info"]["version"] = "1.0"


@breaks("contract-contact")
def a_contact_without_email(d):
    del d["info"]["contact"]["email"]


@breaks("contract-one-server")
def two_servers(d):
    d["servers"].append({"url": "https://iku.example.go.id", "x-internal": False})


@breaks("contract-server-without-path")
def a_server_with_a_path(d):
    d["servers"][0]["url"] = "https://iku.example.go.id/v1"


@breaks("contract-no-other-servers")
def an_operation_with_a_server(d):
    get(d)["servers"] = [{"url": "/"}]


@breaks("contract-no-other-servers")
def a_path_with_a_server(d):
    d["paths"][LIST]["servers"] = [{"url": "/"}]


@breaks("contract-major-in-path")
def a_path_without_version(d):
    rename(d["paths"], LIST, "/reports")


@breaks("oas3-api-servers")
def no_server(d):
    d["servers"] = []


@breaks("owasp:api8:2023-no-server-http")
def a_server_without_encryption(d):
    d["servers"][0]["url"] = "http://api.example.org"


@breaks("owasp:api9:2023-inventory-access")
def a_server_without_url_or_environment(d):
    del d["servers"][0]["x-internal"]


@breaks("oas3-unused-component")
def an_unused_schema(d):
    d["components"]["schemas"]["Orphan"] = {"type": "object", "description": "x"}


@breaks("invalid-ref")
def a_reference_to_nowhere(d):
    get(d)["responses"]["403"]["content"]["application/problem+json"]["schema"]["$ref"] = "#/components/schemas/Nope"


# ---- paths and names


@breaks("contract-path-kebab")
def a_path_in_snake_case(d):
    rename(d["paths"], LIST, "/v1/village_reports")


@breaks("contract-path-depth")
def a_path_of_eight_parts(d):
    rename(d["paths"], LIST, "/v1/a/b/c/d/e/f/g")


@breaks("contract-no-verbs")
def a_verb_in_a_path(d):
    rename(d["paths"], LIST, "/v1/get-reports")


@breaks("contract-query-snake")
def a_query_parameter_in_camel_case(d):
    parameter(get(d), "fiscal_year")["name"] = "fiscalYear"


@breaks("contract-property-snake")
def a_property_in_camel_case(d):
    rename(schema(d)["properties"], "recorded_at", "recordedAt")


@breaks("contract-schema-pascal")
def a_schema_with_an_underscore(d):
    d["components"]["schemas"]["Page_Report"] = {"type": "object"}


@breaks("contract-operation-id-camel")
def an_operation_id_in_snake_case(d):
    get(d)["operationId"] = "reports_list"


@breaks("contract-operation-id-camel")
def an_operation_id_without_verb(d):
    get(d)["operationId"] = "reports"


@breaks("operation-operationId-unique")
def an_operation_id_twice(d):
    post(d)["operationId"] = "listReports"


@breaks("contract-one-tag")
def two_tags(d):
    get(d)["tags"].append("indicators")


@breaks("operation-tag-defined")
def a_tag_that_is_not_declared(d):
    get(d)["tags"] = ["unheard-of"]


@breaks("operation-description")
def an_operation_without_description(d):
    del get(d)["description"]


@breaks("oas3-parameter-description")
def a_parameter_without_description(d):
    del parameter(get(d), "delivered_from")["description"]


@breaks("path-params")
def a_path_parameter_that_is_not_documented(d):
    without(get(d, ONE), "id")


# ---- security


@breaks("contract-security-stated")
def an_operation_without_security(d):
    del get(d)["security"]


@breaks("owasp:api2:2023-write-restricted")
def a_write_without_token(d):
    post(d)["security"] = []


@breaks("oas3-operation-security-defined")
def a_security_scheme_that_does_not_exist(d):
    get(d)["security"] = [{"nope": []}]


@breaks("owasp:api1:2023-no-numeric-ids")
def an_id_that_can_be_counted(d):
    parameter(get(d, ONE), "id")["schema"] = {"type": "integer", "format": "int64", "minimum": 1, "maximum": 9}


@breaks("owasp:api2:2023-no-api-keys-in-url")
def a_key_in_the_query(d):
    d["components"]["securitySchemes"]["key"] = {"type": "apiKey", "in": "query", "name": "key"}


@breaks("contract-basic-for-exports")
def a_password_with_every_request(d):
    get(d)["security"].append({"basic": []})


# ---- responses


@breaks("contract-error-problem-json")
def an_error_in_plain_json(d):
    get(d)["responses"]["400"]["content"] = {"application/json": {}}


@breaks("contract-error-problem-json")
def an_error_without_body(d):
    del get(d)["responses"]["404"]["content"]


@breaks("contract-error-oauth")
def a_refused_sign_in_in_plain_text(d):
    post(d, TOKEN)["responses"]["400"]["content"] = {"text/plain": {"schema": {"type": "string", "maxLength": 9}}}


@breaks("contract-error-oauth")
def a_refused_sign_in_without_body(d):
    del post(d, TOKEN)["responses"]["401"]["content"]


@breaks("contract-default-response")
def no_default_response(d):
    del get(d)["responses"]["default"]


@breaks("contract-default-response")
def no_503(d):
    del post(d)["responses"]["503"]


@breaks("contract-body-413-415")
def a_body_without_415(d):
    del post(d)["responses"]["415"]


@breaks("contract-404")
def a_single_record_without_404(d):
    del get(d, ONE)["responses"]["404"]


@breaks("contract-404")
def a_list_below_a_record_without_404(d):
    del get(d, TARGETS)["responses"]["404"]


@breaks("contract-401-403")
def a_guarded_operation_without_403(d):
    del get(d)["responses"]["403"]


@breaks("contract-401-challenge")
def a_401_without_challenge(d):
    del get(d)["responses"]["401"]["headers"]


@breaks("contract-retry-after", "owasp:api4:2023-rate-limit-retry-after")
def a_429_without_retry_after(d):
    get(d)["responses"]["429"]["headers"] = {"X-Other": {"schema": {"type": "string", "maxLength": 9}}}


@breaks("contract-201-location")
def a_201_without_location(d):
    del post(d)["responses"]["201"]["headers"]["Location"]


@breaks("contract-201-links")
def a_201_without_links(d):
    del post(d)["responses"]["201"]["links"]


@breaks("contract-if-match")
def a_patch_without_condition(d):
    without(d["paths"][ONE]["patch"], "If-Match")


@breaks("contract-if-match")
def a_put_without_condition(d):
    without(d["paths"][TARGET]["put"], "If-Match")


@breaks("contract-if-match")
def a_delete_without_412(d):
    del d["paths"][ONE]["delete"]["responses"]["412"]


@breaks("contract-get-etag")
def a_single_record_without_etag(d):
    del get(d, ONE)["responses"]["200"]["headers"]["ETag"]


@breaks("contract-get-etag")
def a_single_record_without_304(d):
    del get(d, ONE)["responses"]["304"]


@breaks("contract-common-headers")
def a_response_without_version(d):
    del get(d)["responses"]["default"]["headers"]["API-Version"]


@breaks("contract-common-headers")
def a_response_without_request_id(d):
    del get(d, ONE)["responses"]["default"]["headers"]["X-Request-Id"]


@breaks("contract-common-headers")
def a_problem_without_trace(d):
    del post(d)["responses"]["default"]["headers"]["traceparent"]


@breaks("contract-common-headers")
def a_response_without_cache_control(d):
    del get(d)["responses"]["default"]["headers"]["Cache-Control"]


@breaks("contract-rate-limit")
def a_response_without_rate_limit(d):
    del get(d)["responses"]["default"]["headers"]["RateLimit"]


@breaks("contract-rate-limit")
def a_limit_without_policy(d):
    del get(d)["responses"]["default"]["headers"]["RateLimit-Policy"]


@breaks("owasp:api4:2023-rate-limit-responses-429")
def an_operation_without_limit(d):
    del get(d)["responses"]["429"]


@breaks("contract-deprecation-headers")
def a_deprecation_without_headers(d):
    get(d)["deprecated"] = True


@breaks("oas3-schema")
def a_response_without_description(d):
    del get(d)["responses"]["200"]["description"]


# ---- lists


@breaks("contract-list-page")
def a_list_that_is_an_array(d):
    content = get(d)["responses"]["200"]["content"]["application/json"]
    content["schema"] = {"type": "array", "items": {"$ref": "#/components/schemas/Report"}, "maxItems": 9}


@breaks("contract-list-page")
def a_page_without_cursor(d):
    page = schema(d, "ReportPage")
    del page["properties"]["next_cursor"]
    page["required"].remove("next_cursor")


@breaks("contract-list-limit")
def a_list_without_highest_limit(d):
    del parameter(get(d), "limit")["schema"]["maximum"]


@breaks("contract-list-limit")
def a_list_that_takes_no_cursor(d):
    without(get(d), "cursor")


@breaks("contract-filter-is-field")
def a_filter_with_a_shorter_name(d):
    parameter(get(d), "village_code")["name"] = "village"


@breaks("contract-filter-is-field")
def a_filter_of_another_field(d):
    parameter(get(d), "delivered_from")["name"] = "received_from"


@breaks("contract-list-is-called-so")
def a_list_by_another_name(d):
    get(d)["operationId"] = "getReports"


@breaks("oas3-valid-media-example", "oas3-valid-schema-example")
def a_default_beyond_the_maximum(d):
    parameter(get(d), "limit")["schema"]["default"] = 5000
    schema(d)["properties"]["fiscal_year"]["example"] = 99
    content = get(d)["responses"]["200"]["content"]["application/json"]
    content["example"] = {"items": "none"}


# ---- schemas


@breaks("contract-body-object")
def a_body_that_is_a_string(d):
    get(d, ONE)["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "string", "maxLength": 9}


@breaks("contract-request-closed")
def an_open_request(d):
    del schema(d, "NewReport")["additionalProperties"]


@breaks("contract-request-closed")
def an_open_patch(d):
    del schema(d, "ReportPatch")["additionalProperties"]


@breaks("contract-no-union")
def a_union(d):
    schema(d)["properties"]["formula"] = {
        "oneOf": [{"$ref": "#/components/schemas/NewReport"}, {"$ref": "#/components/schemas/IndicatorFormula"}]
    }


@breaks("contract-no-union")
def a_union_with_null(d):
    schema(d)["properties"]["formula"] = {
        "oneOf": [*({"$ref": f"#/components/schemas/{n}"} for n in ("NewReport", "IndicatorFormula")), {"type": "null"}]
    }


@breaks("contract-no-union")
def a_composition(d):
    schema(d)["allOf"] = [{"$ref": "#/components/schemas/NewReport"}]


@breaks("contract-no-typed-additional-properties")
def a_map(d):
    schema(d)["additionalProperties"] = {"type": "string", "maxLength": 9}


@breaks("contract-no-typed-additional-properties")
def a_member_that_is_a_map(d):
    schema(d)["properties"]["counts"] = {"type": "object", "additionalProperties": True}


@breaks("contract-no-scalar-component")
def a_named_scalar(d):
    d["components"]["schemas"]["Code"] = {"type": "string", "maxLength": 9}
    schema(d)["properties"]["kind"] = {"$ref": "#/components/schemas/Code"}


@breaks("contract-schema-no-keyword")
def a_schema_named_like_a_keyword(d):
    d["components"]["schemas"]["Case"] = copy.deepcopy(schema(d))
    schema(d, "ReportPage")["properties"]["items"]["items"]["$ref"] = "#/components/schemas/Case"


@breaks("contract-query-boolean")
def a_query_boolean_with_a_default(d):
    parameter(get(d), "count")["schema"]["default"] = False


@breaks("contract-query-boolean")
def a_query_boolean_that_is_required(d):
    parameter(get(d), "count")["required"] = True


@breaks("contract-patch-null-in-words")
def a_patch_that_does_not_explain_null(d):
    del schema(d, "ReportPatch")["properties"]["note"]["description"]


@breaks("contract-patch-null-in-words")
def a_patch_that_does_not_explain_null_beside_a_reference(d):
    schema(d, "ReportPatch")["properties"]["status"] = {"oneOf": [{"$ref": "#/components/schemas/ReportStatus"}, {"type": "null"}]}


@breaks("contract-no-nullable-boolean")
def a_boolean_of_three_values(d):
    schema(d)["properties"]["late"] = {"type": ["boolean", "null"]}


@breaks("contract-exact-decimals")
def a_number_of_any_precision(d):
    schema(d)["properties"]["score"] = {"type": "number", "format": "double"}


@breaks("contract-exact-decimals")
def a_number_by_division(d):
    schema(d, "Target")["properties"]["value"]["multipleOf"] = 0.01


@breaks("owasp:api4:2023-string-limit")
def a_string_of_any_length(d):
    del schema(d)["properties"]["note"]["maxLength"]


@breaks("owasp:api4:2023-array-limit")
def an_array_of_any_length(d):
    del schema(d, "ReportPage")["properties"]["items"]["maxItems"]


@breaks("owasp:api4:2023-integer-limit")
def an_integer_of_any_size(d):
    del schema(d)["properties"]["fiscal_year"]["maximum"]


@breaks("owasp:api4:2023-integer-format")
def an_integer_of_any_width(d):
    del schema(d)["properties"]["fiscal_year"]["format"]


# ---- running them


def part(contract):
    """Returns the chosen paths with the components and tags that they need."""
    small = whole(contract)
    small["paths"] = {path: small["paths"][path] for path in PART}
    wanted, kept = [small["paths"]], {}
    while wanted:
        for kind, name in re.findall(r'"#/components/(schemas|headers|examples)/([^"]+)"', json.dumps(wanted.pop())):
            if (kind, name) not in kept:
                kept[kind, name] = contract["components"][kind][name]
                wanted.append(kept[kind, name])
    for kind in ("schemas", "headers", "examples"):
        small["components"][kind] = {name: value for (k, name), value in sorted(kept.items()) if k == kind}
    return small


def lint(files):
    """Returns the reported rules by file. One process lints many files, because its start takes longer than a file."""
    report = files[0].with_suffix(".report")
    command = [TOOLS / "spectral", "lint", *files, "-r", RULES, "-f", "json", "-o.json", report]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not report.exists():
        raise SystemExit(f"spectral failed:\n{done.stdout}{done.stderr}")
    fired = {file.stem: set() for file in files}
    for finding in json.loads(report.read_text()):
        fired.setdefault(Path(finding["source"]).stem, set()).add(finding["code"])
    return fired


def main():
    contract = json.loads(Path(sys.argv[1]).read_text())
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    clean = part(contract)
    files = [folder / "clean.json"]
    files[0].write_text(json.dumps(clean))
    for name, _, mutate in MUTANTS:
        document = copy.deepcopy(clean)
        mutate(document)
        files.append(folder / f"{name}.json")
        files[-1].write_text(json.dumps(document))

    at_once = max(1, os.cpu_count() or 1)
    fired = {}
    with ThreadPoolExecutor(at_once) as pool:
        for result in pool.map(lint, [files[start::at_once] for start in range(at_once)]):
            fired.update(result)

    faults = [f"the part is not clean: {', '.join(sorted(fired['clean']))}"] if fired["clean"] else []
    for name, rules, _ in MUTANTS:
        missed = [rule for rule in rules if rule not in fired[name]]
        if missed:
            faults.append(f"{name}: {', '.join(missed)} did not fire (but {', '.join(sorted(fired[name])) or 'nothing'})")
    shown = {rule for _, rules, _ in MUTANTS for rule in rules}
    for rule in re.findall(r"^  (contract-[a-z0-9-]+):$", RULES.read_text(), re.MULTILINE):
        if rule not in shown:
            faults.append(f"{rule}: no mutant breaks this rule")
    for fault in faults:
        print(fault)
    print(f"{len(MUTANTS)} mutants, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
