"""A program of the regency in Python, with the client that openapi-python-client makes from the document.

docs/API-DESIGN.md has the command that makes iku_client. IKU_URL is the address of the service, IKU_ADMIN_PASSWORD the
password of the user admin.
"""

import datetime
import os
import uuid
from typing import TypeVar

from iku_client import AuthenticatedClient
from iku_client.api.auth import create_token
from iku_client.api.realisations import get_realisation, list_realisations
from iku_client.api.reports import create_report
from iku_client.api.responses import create_response
from iku_client.api.surveys import create_survey, get_survey, update_survey
from iku_client.api.villages import list_villages
from iku_client.models import (
    NewReport,
    NewResponse,
    NewSurvey,
    Problem,
    RealisationSheet,
    Section,
    Survey,
    SurveyAnswers,
    SurveyPatch,
    SurveyResponse,
    SurveyStatus,
    TokenAnswer,
    TokenRequest,
    VillagePage,
)
from iku_client.types import UNSET, Unset

T = TypeVar("T")

base = os.environ["IKU_URL"]


def must(answer: object, kind: type[T]) -> T:
    """Returns the response if it has the expected type; a problem document becomes an exception."""
    if isinstance(answer, Problem):
        raise RuntimeError(f"{answer.status} {answer.code}: {answer.detail}")
    assert isinstance(answer, kind), answer
    return answer


# Sign in. The generated function requires a client with a token, so we give it any text as token.
# Every later request has the real token and asks for English.
credentials = TokenRequest(grant_type="password", username="admin", password=os.environ["IKU_ADMIN_PASSWORD"])
token = must(create_token.sync(client=AuthenticatedClient(base, "none-yet"), body=credentials), TokenAnswer)
api = AuthenticatedClient(base, token.access_token).with_headers({"Accept-Language": "en"})
print("signed in")

# Create a survey. We choose the id, so we can send the same request again after a timeout.
new = NewSurvey(
    id=uuid.uuid4(),
    district_code="63.11.06",
    title="SKM Triwulan II 2025",
    section=Section.PELAYANAN_KESSOS,
    starts_on=datetime.date(2025, 4, 1),
    ends_on=datetime.date(2025, 6, 30),
)
survey = must(create_survey.sync(client=api, body=new), Survey)

# Open it. The ETag names the version that we read; the service refuses the change if there is a newer version.
read = get_survey.sync_detailed(survey.id, client=api)
opened = must(
    update_survey.sync(survey.id, client=api, body=SurveyPatch(status=SurveyStatus.OPEN), if_match=read.headers["ETag"]),
    Survey,
)
assert opened.status == SurveyStatus.OPEN

# Post an answer, and read it back.
answer = NewResponse(
    answered_at=datetime.datetime.fromisoformat("2025-06-10T09:00:00+08:00"),
    service="ktp",
    answers=SurveyAnswers(
        persyaratan=3, prosedur=3, waktu=3, biaya=4, produk=3, kompetensi=3, perilaku=4, sarana=3, pengaduan=4
    ),
)
stored = must(create_response.sync(survey.id, client=api, body=answer), SurveyResponse)
assert stored.answers.biaya == 4

# Get the indicators of the year. The answer counts at once: 30 of 36 points are an index of 83.33.
sheet = must(list_realisations.sync(client=api, period="2025", district_code="63.11.06"), RealisationSheet)
values = {one.indicator.code: one.value for one in sheet.items}
assert values["paringin-iku-1"] == 83.33

# Ask again with the tag. 304 means that nothing changed; it is very cheap.
first = get_realisation.sync_detailed("paringin-iku-1", "2025", client=api)
knowing = api.with_headers({"If-None-Match": first.headers["ETag"]})
assert get_realisation.sync_detailed("paringin-iku-1", "2025", client=knowing).status_code == 304

# Follow the cursor to the last page: every village appears once.
villages: set[str] = set()
cursor: str | Unset | None = UNSET
while cursor is not None:
    page = must(list_villages.sync(client=api, limit=5, cursor=cursor), VillagePage)
    villages.update(village.code for village in page.items)
    cursor = page.next_cursor
assert len(villages) == 16

# A mistake: the problem document lists each wrong field, with a code for the program and a text for people.
mistaken = NewReport(
    village_code="63.11.06.2005",
    kind="no such kind!",
    fiscal_year=1,
    delivered_on=datetime.date(2025, 3, 14),
)
problem = create_report.sync(client=api, body=mistaken)
assert isinstance(problem, Problem)
assert (problem.status, problem.code) == (400, "invalid_body")
assert isinstance(problem.errors, list)
assert {(fault.pointer, fault.code) for fault in problem.errors} == {("#/fiscal_year", "minimum"), ("#/kind", "pattern")}

print("signed in, answered, read, followed, not modified, refused: all as documented")
