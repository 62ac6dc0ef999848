//! HTTP in, HTTP out. Most questions are answered without computing: [`crate::results::answers`].

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;

use super::dto::{AllFilter, Explanation, Realisation, RealisationSheet, SeriesFilter};
use super::ground::Kept;
use super::service::{self, Question};
use crate::access::permissions::{Permission, RealisationsRead};
use crate::access::{Actor, Requires};
use crate::core::period::Period;
use crate::platform::db::ReadTx;
use crate::platform::error::Error;
use crate::platform::http::page::HasNextPage;
use crate::platform::http::{AsOf, Page, Paging, Path, Query, Slug};
use crate::platform::text::Lang;
use crate::results::answers::Answers;
use crate::results::tag::Asked;

pub type RealisationPage = Page<Realisation>;

impl HasNextPage for Realisation {}
impl HasNextPage for Explanation {}

impl HasNextPage for RealisationSheet {
    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

/// Who asks what, of whom.
struct Caller<'a> {
    actor: &'a Actor,
    req: &'a HttpRequest,
    answers: &'a Answers,
}

impl Caller<'_> {
    /// The answer to a question, computed by `f` when it is not known.
    async fn answer<T: Serialize + HasNextPage>(
        &self,
        as_of: &AsOf,
        f: impl AsyncFn(&ReadTx, Question<'_>) -> Result<T, Error>,
    ) -> Result<HttpResponse, Error> {
        let (actor, req, now) = (self.actor, self.req, self.answers.now());
        let (as_of, lang) = (as_of.past(now)?, Lang::of(req.headers()));
        let asked = Asked {
            actor,
            req,
            now,
            lang: Some(lang),
        };
        let computed = async |tx: &ReadTx, kept: Kept<'_>| {
            let question = Question {
                actor,
                now,
                as_of,
                lang,
                snapshot_at: None,
                kept: Some(kept),
            };
            f(tx, question).await
        };
        self.answers.answer(asked, as_of, computed).await
    }
}

/// List realisations
///
/// All indicators at once: what SAKIP pulls. Year to date, right to the digit.
#[utoipa::path(
    tag = "realisations", operation_id = "listRealisations", params(AllFilter, AsOf, Paging),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(
        (status = 200, description = "One page of realisations", body = RealisationSheet, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "An instant in the future"),
    )
)]
#[get("/realisations")]
pub async fn list(
    actor: Requires<RealisationsRead>,
    req: HttpRequest,
    answers: web::Data<Answers>,
    filter: Query<AllFilter>,
    as_of: Query<AsOf>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let caller = Caller {
        actor: &actor,
        req: &req,
        answers: &answers,
    };
    caller
        .answer(&as_of.0, async |tx, question| {
            service::all(tx, question, &filter.0, &paging.0).await
        })
        .await
}

/// List the realisations of an indicator
///
/// A series from one period to another of the same kind; years in which the indicator is not in force are left out.
#[utoipa::path(
    tag = "realisations", operation_id = "listIndicatorRealisations",
    params(("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"), SeriesFilter, AsOf, Paging),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(
        (status = 200, description = "One page of the series", body = RealisationPage, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "Periods of different kinds, or an instant in the future"),
    )
)]
#[get("/indicators/{code}/realisations")]
pub async fn series(
    actor: Requires<RealisationsRead>,
    req: HttpRequest,
    answers: web::Data<Answers>,
    code: Path<Slug>,
    filter: Query<SeriesFilter>,
    as_of: Query<AsOf>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let caller = Caller {
        actor: &actor,
        req: &req,
        answers: &answers,
    };
    caller
        .answer(&as_of.0, async |tx, question| {
            service::series(tx, question, &code.0, &filter.0, &paging.0).await
        })
        .await
}

/// Get a realisation
///
/// The value of an indicator in a period, year to date, with target, achievement and how it was computed.
#[utoipa::path(
    tag = "realisations", operation_id = "getRealisation",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "`2025`, `2025-S1`, `2025-Q2` or `2025-06`", example = "2025-Q2",
            min_length = 4, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$"),
        AsOf
    ),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(
        (status = 200, description = "The realisation", body = Realisation, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "An instant in the future"),
    )
)]
#[get("/indicators/{code}/realisations/{period}")]
pub async fn get(
    actor: Requires<RealisationsRead>,
    req: HttpRequest,
    answers: web::Data<Answers>,
    path: Path<(Slug, Period)>,
    as_of: Query<AsOf>,
) -> Result<HttpResponse, Error> {
    let (code, period) = path.0;
    let caller = Caller {
        actor: &actor,
        req: &req,
        answers: &answers,
    };
    caller
        .answer(&as_of.0, async |tx, question| {
            service::one(tx, question, &code, period).await
        })
        .await
}

/// Get the explanation of a realisation
///
/// The decree's words, the choices it leaves open, and what was counted per survey and element or per village and kind.
#[utoipa::path(
    tag = "realisations", operation_id = "getRealisationExplanation",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "`2025`, `2025-S1`, `2025-Q2` or `2025-06`", example = "2025-Q2",
            min_length = 4, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$"),
        AsOf
    ),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(
        (status = 200, description = "The explanation", body = Explanation, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "An instant in the future"),
    )
)]
#[get("/indicators/{code}/realisations/{period}/explanation")]
pub async fn explain(
    actor: Requires<RealisationsRead>,
    req: HttpRequest,
    answers: web::Data<Answers>,
    path: Path<(Slug, Period)>,
    as_of: Query<AsOf>,
) -> Result<HttpResponse, Error> {
    let (code, period) = path.0;
    let caller = Caller {
        actor: &actor,
        req: &req,
        answers: &answers,
    };
    caller
        .answer(&as_of.0, async |tx, question| {
            service::explain(tx, question, &code, period).await
        })
        .await
}
