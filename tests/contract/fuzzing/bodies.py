"""Corrects generated bodies: without free keys and existing references nearly every response would be 409 or 422.

The functions replace a valid value by another valid value. An invalid body stays invalid, so the service refuses it for its
own fault.
"""

import re
import secrets
from datetime import datetime

from fuzzing import things

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SLUG = re.compile(r"[a-z0-9-]{1,64}")
VILLAGE = re.compile(r"\d\d\.\d\d\.\d\d\.\d{4}", re.ASCII)
DISTRICT = re.compile(r"\d\d\.\d\d\.\d\d", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
USERNAME = re.compile(r"[a-z0-9._-]{3,64}")
SECTIONS = ["pelayanan-kessos", "pmd", "trantibum", "pemerintahan", "pembinaan-pengawasan"]
GROUPS = ["administration", "finance"]
# Events that a case that was just reported cannot have.
LATER_EVENTS = ["handling", "resolved", "referred", "receipt_added", "returned", "reopened", "withdrawn"]
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
    """Replaces a member if it is present and `good`."""
    if name in body and good(body[name]):
        body[name] = value


def fit_formula(formula):
    """Gives a formula the members of its kind. A member that is not valid stays, so that the body stays invalid."""
    owners = {"section": ("survey_index", SECTIONS), "group": ("report_delivery", GROUPS)}
    for member, (owner, values) in owners.items():
        value = formula.get(member)
        if value is None or value in values:
            formula.pop(member, None)
            if formula["kind"] == owner:
                formula[member] = value or values[0]
    number = formula.get("per_village")
    if formula["kind"] != "report_delivery" and (number is None or type(number) is int and 1 <= number <= 100):
        formula.pop("per_village", None)


def fresh_id(body):
    swap(body, "id", fits(UUID), things.new_id())


def village(body, code):
    swap(body, "village_code", fits(VILLAGE), code)


def district(body):
    swap(body, "district_code", fits(DISTRICT), things.DISTRICT)


def case(body):
    fresh_id(body)
    village(body, things.VILLAGE)
    district(body)
    swap(body, "category", fits(SLUG), "jalan")
    swap(body, "occurred_at", instant, things.INSTANT)
    swap(body, "occurred_at", fits(DAY), "2025-03-14")


def case_event(body):
    fresh_id(body)
    swap(body, "at", instant, "2026-01-05T09:00:00+08:00")
    swap(body, "kind", lambda v: v in LATER_EVENTS, "verified")
    if body.get("kind") == "verified" and text(body.get("referred_to")):
        del body["referred_to"]


def client(body):
    fresh_id(body)
    district(body)
    if body.get("kind") == "device":
        swap(body, "role", text, "surveyor")
        swap(body, "district_code", lambda v: v is None, things.DISTRICT)
        body.setdefault("district_code", things.DISTRICT)
    else:
        swap(body, "role", text, "integrator")
    if fits(VILLAGE)(body.get("village_code")):
        body.pop("village_code")


def decree(body):
    fresh_id(body)
    district(body)
    swap(body, "number", text, f"{things.code()}/CPAR")
    swap(body, "copy_of", fits(UUID), things.once("copied decree", things.decree)["id"])
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
        fit_formula(formula)


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
    decrees = body.get("decrees")
    for one in decrees if isinstance(decrees, list) else []:
        if isinstance(one, dict):
            institution_decree(one)


def institution_decree(body):
    fresh_id(body)
    days = {"issued_on": "2023-06-20", "starts_on": "2023-07-01", "ends_on": "2028-06-30", "revoked_on": "2025-01-15"}
    for name, value in days.items():
        swap(body, name, fits(DAY), value)


def institution_transfer(body):
    village(body, things.once("desa of transfers", things.village)["code"])
    swap(body, "from", fits(DAY), things.DAY)


def listed_code(body):
    swap(body, "code", fits(SLUG), things.code())


def profile_value(body):
    swap(body, "code", fits(re.compile(r"[a-z0-9_]{1,64}")), things.profile_code())


def report(body):
    fresh_id(body)
    key = things.report_key()
    village(body, key["village_code"])
    swap(body, "kind", fits(SLUG), key["kind"])
    swap(body, "fiscal_year", year, key["fiscal_year"])
    swap(body, "delivered_on", fits(DAY), things.DAY)


def report_kind(body):
    swap(body, "code", fits(SLUG), things.code())
    # A day that every month has, and years without any values.
    swap(body, "due_day", lambda v: type(v) is int and 28 < v <= 31, 28)
    swap(body, "valid_from_year", year, 2090)
    swap(body, "valid_to_year", year, 2095)
    swap(body, "from_year", year, 2090)


def response(body):
    fresh_id(body)
    village(body, things.VILLAGE)
    swap(body, "mode", lambda v: v == "self_service", "device")
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


def without_spans(body):
    """Removes valid filters that would leave no answer."""
    for name in ("received_from", "received_to"):
        if instant(body.get(name)):
            body.pop(name)
    if text(body.get("held_reason")):
        body.pop("held_reason")


def held_decision(body):
    fresh_id(body)
    without_spans(body)
    closed = things.held_response()["survey_id"]
    body.setdefault("survey_id", closed)
    swap(body, "survey_id", lambda v: v is None or fits(UUID)(v), closed)
    if fits(UUID)(body.get("client_id")):
        body.pop("client_id")


def response_void(body):
    fresh_id(body)
    without_spans(body)
    swap(body, "client_id", fits(UUID), things.phone_with_answer())
    if fits(UUID)(body.get("survey_id")):
        body.pop("survey_id")


def survey(body):
    fresh_id(body)
    district(body)
    swap(body, "starts_on", fits(DAY), "2025-01-06")
    swap(body, "ends_on", fits(DAY), "2025-06-30")
    swap(body, "status", lambda v: v in ("draft", "closed"), "open")


def survey_link(body):
    fresh_id(body)
    swap(body, "survey_id", fits(UUID), things.open_survey())


def agreement(body):
    fresh_id(body)
    district(body)
    swap(body, "number", text, f"{things.code()}/PK")
    swap(body, "revises", lambda v: v is None or fits(UUID)(v), None)
    if body.get("revises", ...) is None:
        body.pop("revises", None)


def evidence_link(body):
    fresh_id(body)
    swap(body, "sha256", fits(re.compile(r"[0-9a-f]{64}")), things.evidence())
    swap(body, "file_name", text, "Bukti.pdf")


def target_body(body):
    target(body)
    if fits(UUID)(body.get("agreement_id")):
        body.pop("agreement_id")


def target(body):
    # The fuzzer does not know `x-max-decimals`.
    swap(body, "value", lambda v: isinstance(v, float), round(body["value"], 2) if isinstance(body.get("value"), float) else None)


def user(body):
    swap(body, "password", lambda v: isinstance(v, str) and 10 <= len(v) <= 200, things.PASSWORD)
    fresh_id(body)
    swap(body, "username", fits(USERNAME), things.code())
    role(body)


def role(body):
    """Sets a district and sections that the role allows."""
    district(body)
    if body.get("role") in ("head", "officer", "surveyor"):
        swap(body, "district_code", lambda v: v is None, things.DISTRICT)
        body.setdefault("district_code", things.DISTRICT)
    if isinstance(body.get("sections"), list) and isinstance(body.get("role"), str):
        body["sections"] = body["sections"] if body["role"] == "officer" else []
    if body.get("role") == "officer" and not body.get("sections"):
        body["sections"] = ["pmd"]


def user_patch(body):
    swap(body, "password", lambda v: isinstance(v, str) and 10 <= len(v) <= 200, things.PASSWORD)
    """Corrects a patch of an officer."""
    if "role" in body:
        role(body)
    else:
        swap(body, "sections", lambda v: v == [], ["pmd"])
        swap(body, "district_code", lambda v: v is None or fits(DISTRICT)(v), things.DISTRICT)


def new_village(body):
    swap(body, "code", fits(VILLAGE), things.village_code())
    district(body)
    village_days(body)
    # Values of years that are over move.
    body.setdefault("reason", "Uji")
    swap(body, "reason", lambda v: v is None, "Uji")


def village_patch(body):
    village_days(body)
    swap(body, "name_from", fits(DAY), "2026-01-01")
    body.setdefault("reason", "Uji")
    swap(body, "reason", lambda v: v is None, "Uji")


def village_days(body):
    swap(body, "valid_from", fits(DAY), "2027-01-01")
    swap(body, "valid_to", fits(DAY), "2030-12-31")


def district_patch(body):
    # It changes years that are over, which needs a reason.
    swap(body, "reason", lambda v: v is None, "Uji")
    body.setdefault("reason", "Uji")


def enrolment(body):
    swap(body, "code", lambda v: isinstance(v, str) and 16 <= len(v) <= 19, things.enrolment_code())
    # The schema cannot say that the characters must be random.
    swap(body, "secret", lambda v: isinstance(v, str) and len(v) == 43, secrets.token_urlsafe(32))


def token_request(body):
    """Signs in as an existing client. The limit of failed sign-ins is not under test."""
    made = things.once("client", things.system)
    if body.get("grant_type") == "client_credentials" or text(body.get("client_id")):
        body.update(grant_type="client_credentials", client_id=made["id"], client_secret=made["secret"])
        body.pop("scope", None)


# By operation. `updateIndicator` also needs the path, so hooks.py calls `indicator_patch` itself.
CORRECTIONS = {
    "createCase": case, "updateCase": case, "createCaseEvent": case_event,
    "createClient": client, "createDecree": decree, "updateDecree": decree,
    "createIndicator": indicator, "createInstitution": institution, "updateInstitution": institution,
    "createInstitutionDecree": institution_decree, "updateInstitutionDecree": institution_decree,
    "transferInstitution": institution_transfer, "createInstitutionKind": listed_code, "createCaseCategory": listed_code,
    "createService": listed_code, "createProfileValue": profile_value,
    "createReport": report, "updateReport": report,
    "createReportKind": report_kind, "updateReportKind": report_kind,
    "createResponse": response, "createResponses": batch, "createSurvey": survey, "updateSurvey": survey,
    "createSurveyLink": survey_link,
    "replaceTarget": target_body, "createAgreement": agreement, "updateAgreement": agreement,
    "createReportEvidence": evidence_link, "createCaseEvidence": evidence_link, "createSurveyEvidence": evidence_link,
    "createTargetEvidence": evidence_link, "createInstitutionDecreeEvidence": evidence_link, "createUser": user, "updateUser": user_patch,
    "createVillage": new_village, "updateVillage": village_patch, "updateDistrict": district_patch,
    "createHeldDecision": held_decision, "createResponseVoid": response_void,
    "enrolDevice": enrolment, "createToken": token_request,
}  # fmt: skip
