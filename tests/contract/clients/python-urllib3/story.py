"""A program of the regency in Python, with the client that openapi-generator makes from the document.

docs/API-DESIGN.md has the command that makes client/. IKU_URL is the address of the service with the demonstration's records,
IKU_CLIENT_ID and IKU_CLIENT_SECRET are those of a system, IKU_ADMIN_PASSWORD is the password of the user admin.
"""

import datetime
import os

import openapi_client as iku
import pydantic

client = iku.ApiClient(iku.Configuration(host=os.environ["IKU_URL"]))

# Sign in as a system. Every later call has the token.
auth = iku.AuthApi(client)
token = auth.create_token(
    "client_credentials", client_id=os.environ["IKU_CLIENT_ID"], client_secret=os.environ["IKU_CLIENT_SECRET"]
)
client.configuration.access_token = token.access_token
print("signed in")

# Pull the five values of the year.
realisations = iku.RealisationsApi(client)
values = {one.indicator.code: one.value for one in realisations.list_realisations("2025").items}
assert [values[code] for code in sorted(values)] == [83.45, 95, 78.57, 89.29, 92.86], values

# One of them, and how it came about.
one = realisations.get_realisation("paringin-iku-1", "2025")
assert one.grade.letter == "B", one
assert isinstance(one.facts_recorded_at, datetime.datetime), one
assert realisations.get_realisation_explanation("paringin-iku-4", "2025").realisation.value == 89.29

# The indicators with their formulas, and the versions of one.
indicators = iku.IndicatorsApi(client)
assert {"survey_index", "report_delivery"} <= {one.formula.kind for one in indicators.list_indicators().items}
assert indicators.list_indicator_versions("paringin-iku-1").items

# A mistake: the problem document is an object with a code for the program.
try:
    realisations.get_realisation("nope", "2025")
    raise AssertionError("no problem")
except iku.exceptions.NotFoundException as refused:
    assert isinstance(refused.data, iku.Problem), refused
    assert refused.data.code == "not_found", refused

# Operations outside the version have the same server.
assert iku.HealthApi(client).get_liveness().status == "ok"
assert len(iku.ContractApi(client).get_problem_kinds().items) > 20

# Sign in as a person, and page through the villages.
token = auth.create_token("password", username="admin", password=os.environ["IKU_ADMIN_PASSWORD"])
client.configuration.access_token = token.access_token
villages: set[str] = set()
cursor = None
while True:
    page = iku.VillagesApi(client).list_villages(limit=5, cursor=cursor)
    villages.update(village.code for village in page.items)
    cursor = page.next_cursor
    if cursor is None:
        break
assert len(villages) == 16, villages

# The generated checks take what is right and refuse what is wrong.
report = {"village_code": "63.11.06.2005", "kind": "lppd", "fiscal_year": 2025, "delivered_on": "2025-03-14"}
iku.NewReport(**report, note="Lengkap, dengan 'lampiran' – 2 berkas.\nBaris kedua.")
for name, wrong in [("kind", "no such kind!"), ("village_code", "63.11"), ("fiscal_year", 1)]:
    try:
        iku.NewReport(**{**report, name: wrong})
        raise AssertionError(f"{name} took {wrong}")
    except pydantic.ValidationError:
        pass

# Create a survey, open the version that we read, and post an answer.
surveys = iku.SurveysApi(client)
new = iku.NewSurvey(
    district_code="63.11.06",
    title="SKM Triwulan II 2025",
    section=iku.Section.PELAYANAN_MINUS_KESSOS,
    starts_on=datetime.date(2025, 4, 1),
    ends_on=datetime.date(2025, 6, 30),
)
survey = surveys.create_survey(new).id
version = surveys.get_survey_with_http_info(survey).headers["etag"]
opened = surveys.update_survey(survey, version, iku.SurveyPatch(status=iku.SurveyStatus.OPEN))
assert (opened.status, opened.title) == ("open", new.title), opened
answers = iku.SurveyAnswers(
    persyaratan=3, prosedur=3, waktu=3, biaya=4, produk=3, kompetensi=3, perilaku=4, sarana=3, pengaduan=4
)
answer = iku.NewResponse(
    answered_at=datetime.datetime.fromisoformat("2025-06-10T09:00:00+08:00"), service="ktp", answers=answers, comment="Cepat"
)
assert iku.ResponsesApi(client).create_response(survey, answer).answers.biaya == 4

print("signed in, pulled, explained, refused, followed, checked, answered: all as documented")
