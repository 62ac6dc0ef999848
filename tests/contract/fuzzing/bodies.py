"""What a generated body needs so that unique keys and references do not hide faults behind 409 and 422.

Only members that hold a valid value are replaced, by another valid one: a body that is wrong stays wrong, and is refused
for what is wrong with it.
"""

import re
from datetime import datetime

from fuzzing import things

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SLUG = re.compile(r"[a-z0-9-]{1,64}")
VILLAGE = re.compile(r"\d\d\.\d\d\.\d\d\.\d{4}", re.ASCII)
DISTRICT = re.compile(r"\d\d\.\d\d\.\d\d", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
USERNAME = re.compile(r"[a-z0-9._-]{3,64}")
UNIT = {"survey_index": "index", "institution_count": "count"}


def fits(pattern):
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def instant(value):
    try:
        return isinstance(value, str) and "T" in value and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def text(value):
    return isinstance(value, str) and 0 < len(value) <= 200 and bool(value.strip()) and "\0" not in value


def year(value):
    return type(value) is int and 2000 <= value <= 2100


def swap(body, name, good, value):
    """Replaces a member that is there and good."""
    if name in body and good(body[name]):
        body[name] = value


def fresh_id(body):
    swap(body, "id", fits(UUID), things.new_id())


def village(body, code):
    swap(body, "village_code", fits(VILLAGE), code)


def district(body):
    swap(body, "district_code", fits(DISTRICT), things.DISTRICT)


def case(body):
    fresh_id(body)
    village(body, things.VILLAGE)
    swap(body, "category", fits(SLUG), "jalan")
    swap(body, "occurred_at", instant, things.INSTANT)


def case_event(body):
    fresh_id(body)
    swap(body, "at", instant, "2026-01-05T09:00:00+08:00")
    swap(body, "kind", lambda v: v in ("handling", "resolved"), "verified")


def client(body):
    fresh_id(body)
    district(body)
    if body.get("kind") == "device":
        swap(body, "role", text, "surveyor")
        swap(body, "district_code", lambda v: v is None, things.DISTRICT)
        body.setdefault("district_code", things.DISTRICT)
    else:
        swap(body, "role", text, "integrator")


def decree(body):
    fresh_id(body)
    district(body)
    swap(body, "number", text, f"{things.code()}/CPAR")
    if year(body.get("first_year")) and year(body.get("last_year")):
        body["first_year"], body["last_year"] = sorted([body["first_year"], body["last_year"]])


def indicator(body):
    key = things.indicator_key()
    swap(body, "code", fits(SLUG), things.code())
    swap(body, "decree_id", fits(UUID), key["decree_id"])
    swap(body, "number", lambda v: type(v) is int and 1 <= v <= 100, key["number"])
    swap(body, "from_year", year, key["from_year"])
    formula = body.get("formula")
    if isinstance(formula, dict) and isinstance(formula.get("kind"), str):
        swap(body, "unit", lambda v: v in ("index", "count", "percent"), UNIT.get(formula["kind"], "percent"))


def indicator_patch(body, about):
    swap(body, "from_year", year, things.year_of(about))
    for member in ("decree_id", "unit", "formula", "number"):
        if things.number() % 3:
            body.pop(member, None)


def institution(body):
    fresh_id(body)
    village(body, things.VILLAGE)
    swap(body, "kind", fits(SLUG), "rt")
    swap(body, "name", text, f"RT {things.code()}")
    for one in body.get("decrees") or []:
        if isinstance(one, dict):
            institution_decree(one)


def institution_decree(body):
    fresh_id(body)
    days = {"issued_on": "2023-06-20", "starts_on": "2023-07-01", "ends_on": "2028-06-30", "revoked_on": "2025-01-15"}
    for name, value in days.items():
        swap(body, name, fits(DAY), value)


def report(body):
    fresh_id(body)
    key = things.report_key()
    village(body, key["village_code"])
    swap(body, "kind", fits(SLUG), key["kind"])
    swap(body, "fiscal_year", year, key["fiscal_year"])
    swap(body, "delivered_on", fits(DAY), things.DAY)


def report_kind(body):
    swap(body, "code", fits(SLUG), things.code())
    # A day that every month has, and years from when nothing is counted yet.
    swap(body, "due_day", lambda v: type(v) is int and 28 < v <= 31, 28)
    swap(body, "valid_from_year", year, 2090)
    swap(body, "valid_to_year", year, 2095)
    swap(body, "from_year", year, 2090)


def response(body):
    fresh_id(body)
    village(body, things.VILLAGE)
    answers = body.get("answers")
    if isinstance(answers, dict) and all(v is None or (type(v) is int and 1 <= v <= 4) for v in answers.values()):
        for name, score in things.ANSWERS.items():
            answers[name] = answers.get(name) or score


def batch(body):
    items = body.get("items")
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            response(item)
            swap(item, "survey_id", fits(UUID), things.open_survey())


def survey(body):
    fresh_id(body)
    district(body)
    swap(body, "starts_on", fits(DAY), "2025-01-06")
    swap(body, "ends_on", fits(DAY), "2025-06-30")
    swap(body, "status", lambda v: v in ("draft", "closed"), "open")


def target(body):
    # The fuzzer does not know `x-max-decimals`.
    swap(body, "value", lambda v: isinstance(v, float), round(body["value"], 2) if isinstance(body.get("value"), float) else None)


def user(body):
    fresh_id(body)
    swap(body, "username", fits(USERNAME), things.code())
    role(body)


def role(body):
    """District and sections that go with the role."""
    district(body)
    if body.get("role") in ("head", "officer", "surveyor"):
        swap(body, "district_code", lambda v: v is None, things.DISTRICT)
        body.setdefault("district_code", things.DISTRICT)
    if isinstance(body.get("sections"), list) and isinstance(body.get("role"), str):
        body["sections"] = body["sections"] if body["role"] == "officer" else []
    if body.get("role") == "officer" and not body.get("sections"):
        body["sections"] = ["pmd"]


def user_patch(body):
    """Of an officer."""
    if "role" in body:
        role(body)
    else:
        swap(body, "sections", lambda v: v == [], ["pmd"])
        swap(body, "district_code", lambda v: v is None or fits(DISTRICT)(v), things.DISTRICT)


def new_village(body):
    swap(body, "code", fits(VILLAGE), things.village_code())
    district(body)
    village_days(body)


def village_days(body):
    swap(body, "valid_from", fits(DAY), "2027-01-01")
    swap(body, "valid_to", fits(DAY), "2030-12-31")


def enrolment(body):
    swap(body, "code", lambda v: isinstance(v, str) and 16 <= len(v) <= 19, things.enrolment_code())


def token_request(body):
    """Of somebody who is there; how often a password may be wrong is not under test."""
    made = things.once("client", things.system)
    if body.get("grant_type") == "client_credentials" or text(body.get("client_id")):
        body.update(grant_type="client_credentials", client_id=made["id"], client_secret=made["secret"])
        body.pop("scope", None)


# By operation; a patch is given the things that the path names, too.
MENDERS = {
    "createCase": case, "updateCase": case, "createCaseEvent": case_event,
    "createClient": client, "createDecree": decree, "updateDecree": decree,
    "createIndicator": indicator, "createInstitution": institution, "updateInstitution": institution,
    "createInstitutionDecree": institution_decree, "createReport": report, "updateReport": report,
    "createReportKind": report_kind, "updateReportKind": report_kind,
    "createResponse": response, "createResponses": batch, "createSurvey": survey, "updateSurvey": survey,
    "replaceTarget": target, "createUser": user, "updateUser": user_patch,
    "createVillage": new_village, "updateVillage": village_days,
    "enrolDevice": enrolment, "createToken": token_request,
}  # fmt: skip
