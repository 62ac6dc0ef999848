//! HTTP in, HTTP out. A realisation's tag is made of the stamps it depends on, so 304 needs no computation.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;

use super::dto::{AllFilter, Explanation, Realisation, RealisationSheet, SeriesFilter};
use super::service::{self, Question};
use crate::access::permissions::{Permission, RealisationsRead};
use crate::access::{Actor, Requires};
use crate::core::period::Period;
use crate::platform::db::{Db, ReadTx};
use crate::platform::error::Error;
use crate::platform::http::{AsOf, ETag, Page, Paging, Path, Query, Slug, reply};
use crate::platform::text::Lang;
use crate::results::tag;

pub type RealisationPage = Page<Realisation>;

/// The cursor of the next page; only lists have one.
trait Paged {
    fn next_cursor(&self) -> Option<&str> {
        None
    }
}

impl Paged for Realisation {}
impl Paged for Explanation {}

impl Paged for RealisationSheet {
    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

impl Paged for RealisationPage {
    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

/// Answers a question: 304 when the caller has the answer, else the computed body.
async fn answer<T: Serialize + Paged>(
    (who, req, db): (&Actor, &HttpRequest, &Db),
    as_of: &AsOf,
    f: impl AsyncFnOnce(&ReadTx, Question<'_>) -> Result<T, Error>,
) -> Result<HttpResponse, Error> {
    let now = db.clock().now();
    let question = Question {
        who,
        now,
        as_of: as_of.past(now)?,
        lang: Lang::of(req.headers()),
        begun_at: None,
    };
    let district = who.district.as_deref();
    db.read_as_of(question.as_of, district, async |tx| {
        let tag: ETag = tag::of(tx, district, req, now).await?;
        if tag.is_named_by(req.headers()) {
            return Ok(reply::translated_not_modified(&tag));
        }
        let answer = f(tx, question).await?;
        Ok(reply::with_next(
            reply::translated(req, &tag, &answer),
            req,
            answer.next_cursor(),
        ))
    })
    .await
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
    who: Requires<RealisationsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<AllFilter>,
    as_of: Query<AsOf>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    answer((&who, &req, &db), &as_of.0, async |tx, question| {
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
    who: Requires<RealisationsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    code: Path<Slug>,
    filter: Query<SeriesFilter>,
    as_of: Query<AsOf>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    answer((&who, &req, &db), &as_of.0, async |tx, question| {
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
        ("period" = String, Path, description = "`2025`, `2025-S1`, `2025-Q2` or `2025-06`", example = "2025-Q2", max_length = 7),
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
    who: Requires<RealisationsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
    as_of: Query<AsOf>,
) -> Result<HttpResponse, Error> {
    let (code, period) = path.0;
    answer((&who, &req, &db), &as_of.0, async |tx, question| {
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
        ("period" = String, Path, description = "`2025`, `2025-S1`, `2025-Q2` or `2025-06`", example = "2025-Q2", max_length = 7),
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
    who: Requires<RealisationsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    path: Path<(Slug, Period)>,
    as_of: Query<AsOf>,
) -> Result<HttpResponse, Error> {
    let (code, period) = path.0;
    answer((&who, &req, &db), &as_of.0, async |tx, question| {
        service::explain(tx, question, &code, period).await
    })
    .await
}
