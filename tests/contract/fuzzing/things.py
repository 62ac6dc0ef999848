"""Things that operations are about, each made when it is asked for: nobody else changes or deletes it.

Keys are taken from counters, so that nothing collides with what was made before.
"""

import itertools
import os
import threading
import uuid

from fuzzing.api import ask, post

DISTRICT = os.environ.get("IKU_FUZZ_DISTRICT", "63.11.06")
VILLAGE = f"{DISTRICT}.2005" if DISTRICT == "63.11.06" else f"{DISTRICT}.2001"
YEARS = range(2031, 2101)
PERIODS = ["-Q1", "-S1", "-Q3", ""]
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
_once = threading.RLock()
_kept = {}


def number():
    return next(_count)


def new_id():
    return str(uuid.uuid4())


def code():
    return f"fuzz-{os.getpid()}-{number()}"


def village_code():
    return f"{DISTRICT}.{3000 + number() % 7000:04}"


def once(name, make):
    """What `make` gives, made at the first call."""
    with _once:
        if name not in _kept:
            _kept[name] = make()
        return _kept[name]


def report_key():
    """Village, kind and fiscal year of a report that nobody has recorded."""
    n = number()
    century = range(2000, 2101)
    return {
        "village_code": once(f"village {n // len(century)}", village)["code"],
        "kind": once("report kind", lambda: report_kind(valid_from_year=None))["code"],
        "fiscal_year": century[n % len(century)],
    }


def indicator_key():
    """A number in a year that no other indicator has, and the decree of that year."""
    n = number()
    year = YEARS[n % len(YEARS)]
    return {"number": 1 + n // len(YEARS) % 99, "decree_id": decree(year)["id"], "from_year": year}


def village():
    body = {"code": village_code(), "district_code": DISTRICT, "kind": "desa", "name": "Desa Uji"}
    return post("/villages", body)[0]


def decree(first=2031, last=None):
    body = {
        "district_code": DISTRICT, "number": f"{code()}/CPAR", "title": "Uji", "issued_on": "2024-01-04",
        "goal": "Uji", "first_year": first, "last_year": last or first, "legal_bases": [],
    }  # fmt: skip
    return post("/decrees", body)[0]


_years = {}


def year_of(path):
    """The year in which an indicator that was made here begins."""
    return _years.get(path.get("code"), YEARS[0])


def indicator(key=None):
    words = ["objective", "name", "meaning", "selection_reason", "formula_text", "reference", "responsible", "source"]
    body = {
        **dict.fromkeys(words, "Uji"), "code": code(), "unit": "count", "polarity": "higher_is_better",
        "formula": {"kind": "institution_count"}, **(key or indicator_key()),
    }  # fmt: skip
    made = post("/indicators", body)[0]
    _years[made["code"]] = body["from_year"]
    return made


def report_kind(**more):
    body = {
        "code": code(), "group": "finance", "name": "Uji", "due_month": 11, "due_day": 30, "fiscal_year_offset": 0,
        "legal_basis": "Uji", "confirmed": False, "valid_from_year": 2090, **more,
    }  # fmt: skip
    return post("/report-kinds", body)[0]


def report():
    return post("/reports", {**report_key(), "delivered_on": DAY})[0]


def institution():
    body = {"village_code": VILLAGE, "kind": "rt", "name": f"RT {code()}", "decrees": [DECREE]}
    return post("/institutions", body)[0]


def case():
    body = {"village_code": VILLAGE, "category": "jalan", "occurred_at": INSTANT, "summary": "Uji"}
    return post("/cases", body)[0]


def survey(*statuses):
    """A draft, led through these statuses."""
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


def closed_survey():
    return once("closed survey", lambda: survey("open", "closed"))["id"]


def answer(**more):
    return {"answers": ANSWERS, "answered_at": INSTANT, "service": "ktp", **more}


def response():
    return post(f"/surveys/{open_survey()}/responses", answer())[0]


def held_response():
    """An answer to a survey that is closed."""
    item = answer(survey_id=closed_survey(), id=new_id())
    post("/responses/batch", {"sent_at": INSTANT, "items": [item]})
    for held in ask("GET", f"/held-responses?survey={closed_survey()}&decided=false&limit=100").json()["items"]:
        if held["response_id"] == item["id"]:
            return held
    raise RuntimeError("an answer to a closed survey is not held")


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


def enrolment_code():
    return post(f"/clients/{device()['id']}/enrolments")[0]["code"]


def own_indicator():
    """An indicator in force in all of YEARS, for targets."""
    def make():
        first, last = YEARS[0], YEARS[-1]
        return indicator({"number": 100, "decree_id": decree(first, last)["id"], "from_year": first})

    return once("indicator", make)["code"]


def target_place():
    n = number()
    period = f"{YEARS[n // len(PERIODS) % len(YEARS)]}{PERIODS[n % len(PERIODS)]}"
    return {"code": own_indicator(), "period": period}


def target():
    """The place of a target that is set."""
    place = target_place()
    path = "/indicators/{code}/targets/{period}".format(**place)
    ask("PUT", path, {"value": number() / 4}, target_condition(place))
    return place


def target_condition(place):
    """`If-Match` when the target is set already."""
    found = ask("GET", f"/indicators/{place['code']}/targets?year={place['period'][:4]}").json()["items"]
    return {"If-Match": "*"} if any(t["period"] == place["period"] for t in found) else {}
