"""Creates records for the operations. Each call creates a new record, so no other request changes or deletes it.

Counters make the keys, so that they are unique.
"""

import hashlib
import itertools
import os
import threading
import uuid

from fuzzing.api import ADMIN, URL, ask, client_token, must_be_ok, post, send, session, token

DISTRICT = os.environ.get("IKU_FUZZ_DISTRICT", "63.11.06")
VILLAGE = f"{DISTRICT}.2005" if DISTRICT == "63.11.06" else f"{DISTRICT}.2001"
YEARS = range(2031, 2101)
PERIODS = ["-Q1", "-S1", "-Q3", ""]
NOTED = range(2021, 2026)
SECTION = "pelayanan-kessos"
DAY = "2025-03-14"
INSTANT = "2025-03-14T21:30:00+08:00"
ANSWERS = {
    name: 3
    for name in (
        "persyaratan prosedur waktu biaya produk kompetensi perilaku sarana pengaduan".split()
    )
}
DECREE = {"number": "141/07/KPTS/2023", "issued_on": "2023-06-20", "starts_on": "2023-07-01"}
PASSWORD = "rahasia-sekali"

_count = itertools.count(1)
_keys = itertools.count()
# Numbers of indicators that are in force in all YEARS. No other indicator can have them.
_numbers = itertools.count(51)
_once = threading.RLock()
# Ids and codes of the records that helpers use again and again.
shared = set()
_cache = {}


def number():
    return next(_count)


def new_id():
    return str(uuid.uuid4())


def code():
    return f"fuzz-{os.getpid()}-{number()}"


def village_code():
    return f"{DISTRICT}.{3000 + number() % 7000:04}"


def once(name, make):
    """Returns the result of the first call of `make`. A record that it makes is shared, so no generated request changes it."""
    with _once:
        if name not in _cache:
            made = _cache[name] = make()
            if isinstance(made, dict):
                shared.update(made[key] for key in ("id", "code") if key in made)
        return _cache[name]


def report_key():
    """Returns village, kind and fiscal year of a report that is not recorded yet."""
    n = number()
    century = range(2000, 2101)
    return {
        "village_code": once(f"village {n // len(century)}", village)["code"],
        "kind": once("report kind", lambda: report_kind(valid_from_year=None))["code"],
        "fiscal_year": century[n % len(century)],
    }


def indicator_key():
    """Returns a free number in a year, and the decree of that year."""
    n = next(_keys)
    year = YEARS[n % len(YEARS)]
    return {"number": 1 + n // len(YEARS) % 50, "decree_id": decree(year)["id"], "from_year": year}


def with_free_key(path, body):
    """Creates a record. Takes the next key if a generated request has recorded one with this key already."""
    while True:
        response = send("POST", path, body())
        if response.status_code != 409:
            return must_be_ok(response).json()


def village():
    def body():
        return {
            "code": village_code(), "district_code": DISTRICT, "kind": "desa", "name": "Desa Uji", "reason": "Uji",
        }  # fmt: skip

    return with_free_key("/villages", body)


def decree(first=2031, last=None):
    body = {
        "district_code": DISTRICT, "number": f"{code()}/CPAR", "title": "Uji", "issued_on": "2024-01-04",
        "goal": "Uji", "first_year": first, "last_year": last or first, "legal_bases": [],
    }  # fmt: skip
    return post("/decrees", body)[0]


_years = {}


def year_of(path):
    """Returns the first year of an indicator that this module created."""
    return _years.get(path.get("code"), YEARS[0])


def indicator(key=None):
    words = ["objective", "name", "meaning", "selection_reason", "formula_text", "reference", "responsible", "source"]
    body = {
        **dict.fromkeys(words, "Uji"), "code": code(), "unit": "count", "polarity": "higher_is_better",
        "formula": {"kind": "institution_count"}, "reason": "Uji", **(key or indicator_key()),
    }  # fmt: skip
    made = post("/indicators", body)[0]
    _years[made["code"]] = body["from_year"]
    return made


def report_kind(**more):
    body = {
        "code": code(), "group": "finance", "name": "Uji", "due_month": 11, "due_day": 30, "fiscal_year_offset": 0,
        "legal_basis": "Uji", "confirmed": False, "reason": "Uji", "valid_from_year": 2090, **more,
    }  # fmt: skip
    return post("/report-kinds", body)[0]


def report():
    return with_free_key("/reports", lambda: {**report_key(), "delivered_on": DAY})


def deleted(collection, make):
    """Creates a record and deletes it."""
    made = make()
    ask("DELETE", f"/{collection}/{made.get('code') or made['id']}?reason=Uji", headers={"If-Match": "*"})
    return made


def institution():
    body = {"village_code": VILLAGE, "kind": "rt", "name": f"RT {code()}", "decrees": [DECREE]}
    return post("/institutions", body)[0]


def institution_decree():
    """Returns the ids of an institution and of its decree."""
    made = institution()
    return {"id": made["id"], "decree_id": made["decrees"][0]["id"]}


def listed_code(collection):
    return lambda: post(f"/{collection}", {"code": code(), "name": "Uji"})[0]


def profile_code():
    return code().replace("-", "_")


_values = []


def profile_value():
    """Returns the list and the code of a value: of a new one, or of an earlier one when the list is full."""
    if len(_values) < 20:
        made = post("/profile-values", {"list": "occupation", "code": profile_code(), "name": "Uji"})[0]
        _values.append({"list": made["list"], "code": made["code"]})
    return _values[number() % len(_values)]


def case():
    body = {"village_code": VILLAGE, "category": "jalan", "occurred_at": INSTANT, "summary": "Uji"}
    return post("/cases", body)[0]


def survey(*statuses):
    """Creates a draft and sets these statuses one after the other."""
    body = {
        "district_code": DISTRICT, "title": "Uji", "section": SECTION, "starts_on": "2025-01-06",
        "ends_on": "2025-06-30",
    }  # fmt: skip
    made = post("/surveys", body)[0]
    for status in statuses:
        ask("PATCH", f"/surveys/{made['id']}", {"status": status}, {"If-Match": "*"}, "application/merge-patch+json")
    return made


def open_survey():
    return once("open survey", lambda: survey("open"))["id"]


def survey_link():
    return post("/survey-links", {"survey_id": open_survey(), "name": "Uji"})[0]


def answer(**more):
    return {"answers": ANSWERS, "answered_at": INSTANT, "service": "ktp", **more}


def response():
    return post(f"/surveys/{open_survey()}/responses", answer())[0]


def voided_response():
    survey, made = open_survey(), response()
    ask("DELETE", f"/surveys/{survey}/responses/{made['id']}?reason=Uji", headers={"If-Match": "*"})
    return {"id": survey, "response_id": made["id"]}


def held_response():
    """Sends an answer to a closed survey of its own, so that no other decision includes it. Returns it as a held answer."""
    closed = survey("open", "closed")["id"]
    post("/responses/batch", {"sent_at": INSTANT, "items": [answer(survey_id=closed, id=new_id())]})
    return ask("GET", f"/held-responses?survey_id={closed}").json()["items"][0]


def discarded_response():
    return post(f"/held-responses/{held_response()['id']}/discard", {"reason": "Uji"})[0]


def user(**more):
    body = {
        "username": code(), "name": "Uji", "password": PASSWORD, "role": "officer", "district_code": DISTRICT,
        "sections": ["pmd"], **more,
    }  # fmt: skip
    return post("/users", body)[0]


def system():
    return post("/clients", {"kind": "system", "name": "Uji", "role": "integrator"})[0]


def device():
    return post("/clients", {"kind": "device", "name": "Uji", "role": "surveyor", "district_code": DISTRICT})[0]


def held_decision():
    """Discards the answers to a closed survey."""
    body = {"decision": "discarded", "survey_id": held_response()["survey_id"], "reason": "Uji"}
    return post("/held-responses/decisions", body)[0]


def phone_with_answer():
    """Returns the id of a device that has sent an answer."""
    made = device()
    ask("POST", f"/surveys/{open_survey()}/responses", answer(), {"Authorization": f"Bearer {client_token(made)}"})
    return made["id"]


def response_void():
    return post("/responses/voids", {"client_id": phone_with_answer(), "reason": "Uji"})[0]


def enrolment_code():
    return post(f"/clients/{device()['id']}/enrolments")[0]["code"]


def own_indicator():
    """Returns the code of an indicator that is in force in all YEARS, for targets."""
    def make():
        first, last = YEARS[0], YEARS[-1]
        return indicator({"number": next(_numbers), "decree_id": decree(first, last)["id"], "from_year": first})

    return once("indicator", make)["code"]


def target_place():
    n = number()
    period = f"{YEARS[n // len(PERIODS) % len(YEARS)]}{PERIODS[n % len(PERIODS)]}"
    return {"code": own_indicator(), "period": period}


def target():
    """Sets a target. Returns its indicator and period."""
    while True:
        place = target_place()
        path = "/indicators/{code}/targets/{period}".format(**place)
        response = send("PUT", path, {"value": number() / 4}, condition(place, "targets", "period"))
        if response.status_code != 404:
            must_be_ok(response)
            return place
        # A generated request has changed the indicator or its decree.
        with _once:
            _cache.pop("indicator", None)


def agreement():
    body = {
        "district_code": DISTRICT, "fiscal_year": 2031, "number": f"{code()}/PK", "signed_on": "2025-01-15",
        "first_party": {"name": "A", "office": "Camat"}, "second_party": {"name": "B", "office": "Bupati"},
    }  # fmt: skip
    return post("/agreements", body)[0]


def file():
    """Returns the bytes of a file that is not stored yet."""
    return f"%PDF-1.4\n{code()}\n%%EOF\n".encode()


def evidence():
    """Stores a file. Returns its name."""
    content = file()
    name = hashlib.sha256(content).hexdigest()
    headers = {"Authorization": f"Bearer {token(ADMIN)}", "Content-Type": "application/pdf"}
    must_be_ok(session().put(f"{URL}/v1/evidence/{name}", data=content, headers=headers, timeout=30))
    return name


def evidence_link():
    """Links a new file to a new report."""
    return post(f"/reports/{report()['id']}/evidence", {"sha256": evidence(), "file_name": "Bukti.pdf"})[0]


def current_indicator():
    """Returns the code of an indicator that is in force in the years of NOTED, whose periods have begun."""
    def make():
        first, last = NOTED[0], NOTED[-1]
        return indicator({"number": next(_numbers), "decree_id": decree(first, last)["id"], "from_year": first})

    return once("current indicator", make)["code"]


def note_place():
    n = number()
    return {"code": current_indicator(), "period": f"{NOTED[n // len(PERIODS) % len(NOTED)]}{PERIODS[n % len(PERIODS)]}"}


def note():
    """Sets a note. Returns its indicator and period."""
    return put(note_place(), "notes", "period", {"obstacles": f"Uji {number()}", "reason": "Uji"})


def past_value_place():
    # The fuzzer takes only text for valid in a path.
    return {"code": current_indicator(), "year": str(2000 + number() % 24)}


def past_value():
    """Sets a past value. Returns its indicator and year."""
    return put(past_value_place(), "past-values", "year", {"value": number() / 4, "source": "LKjIP", "reason": "Uji"})


def put(place, collection, key, body):
    """Sets what an indicator has in this collection for a period or year. Returns the place."""
    ask("PUT", f"/indicators/{place['code']}/{collection}/{place[key]}", body, condition(place, collection, key))
    return place


def condition(place, collection, key):
    """Returns `If-Match` if the place is set already."""
    found = send("GET", f"/indicators/{place['code']}/{collection}/{place[key]}")
    return {"If-Match": "*"} if found.status_code == 200 else {}
