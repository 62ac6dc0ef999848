//! The HTTP operations of realisations. [`crate::results::response_cache`] has most responses.

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::difference::between;
use super::dto::{
    Difference, DifferenceFilter, Explanation, Gap, GapTarget, JudgedRecord, JudgedRecordFilter, Realisation,
    RealisationFilter, RealisationSheet, SeriesFilter,
};
use super::{service, sheet};
use crate::access::Requires;
use crate::access::permissions::{Permission, RealisationsRead};
use crate::core::period::Period;
use crate::platform::error::Error;
use crate::platform::http::page::HasNextPage;
use crate::platform::http::{AsOf, Page, Paging, Path, Query, Slug};
use crate::results::response_cache::ResponseCache;

pub type RealisationPage = Page<Realisation>;
pub type JudgedRecordPage = Page<JudgedRecord>;

impl HasNextPage for Realisation {}
impl HasNextPage for Explanation {}

impl HasNextPage for Difference {
    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

impl HasNextPage for Gap {
    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

impl HasNextPage for RealisationSheet {
    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

/// List realisations
///
/// The realisations of all indicators, year to date and exact, for SAKIP: of one `period`, or with `from` and `to` of all
/// periods between them, by year, indicator and period.
#[utoipa::path(
    tag = "realisations", operation_id = "listRealisations", params(RealisationFilter, AsOf, Paging),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(
        (status = 200, description = "One page of realisations", body = RealisationSheet, headers(("Content-Language" = String, description = "The language of the sentences"), ("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "Periods that do not fit together, several districts with `from` and `to`, or an instant in the future"),
    )
)]
#[get("/realisations")]
pub async fn list(
    actor: Requires<RealisationsRead>,
    req: HttpRequest,
    cache: web::Data<ResponseCache>,
    filter: Query<RealisationFilter>,
    as_of: Query<AsOf>,
    paging: Paging,
) -> Result<HttpResponse, Error> {
    let query = cache.query(&actor, &req, &as_of.0)?;
    cache
        .respond(&req, &query, async |facts| {
            sheet::all(facts, &query, &filter.0, &paging).await
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
        (status = 200, description = "One page of the series", body = RealisationPage, headers(("Content-Language" = String, description = "The language of the sentences"), ("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "Periods of different kinds, or an instant in the future"),
    )
)]
#[get("/indicators/{code}/realisations")]
pub async fn series(
    actor: Requires<RealisationsRead>,
    req: HttpRequest,
    cache: web::Data<ResponseCache>,
    code: Path<Slug>,
    filter: Query<SeriesFilter>,
    as_of: Query<AsOf>,
    paging: Paging,
) -> Result<HttpResponse, Error> {
    let query = cache.query(&actor, &req, &as_of.0)?;
    cache
        .respond(&req, &query, async |facts| {
            service::series(facts, &query, &code.0, &filter.0, &paging).await
        })
        .await
}

/// Get a realisation
///
/// The value of an indicator in a period, year to date, with target, achievement and formula.
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
        (status = 200, description = "The realisation", body = Realisation, headers(("Content-Language" = String, description = "The language of the sentences"), ("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "An instant in the future"),
    )
)]
#[get("/indicators/{code}/realisations/{period}")]
pub async fn get(
    actor: Requires<RealisationsRead>,
    req: HttpRequest,
    cache: web::Data<ResponseCache>,
    path: Path<(Slug, Period)>,
    as_of: Query<AsOf>,
) -> Result<HttpResponse, Error> {
    let (code, period) = path.0;
    let query = cache.query(&actor, &req, &as_of.0)?;
    cache
        .respond(&req, &query, async |facts| {
            service::one(facts, &query, &code, period).await
        })
        .await
}

/// Get the explanation of a realisation
///
/// The decree's words, the choices that it leaves open, and the counted facts by survey and element or by village and
/// kind. Without `responses:read`, `as_of` is the last microsecond of a day in WITA (`2025-06-30T23:59:59.999999+08:00`): the
/// answers of single respondents would follow from two results.
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
        (status = 200, description = "The explanation", body = Explanation, headers(("Content-Language" = String, description = "The language of the sentences"), ("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "`as_of` lies in the future, or without `responses:read` is not the end of a day"),
    )
)]
#[get("/indicators/{code}/realisations/{period}/explanation")]
pub async fn explain(
    actor: Requires<RealisationsRead>,
    req: HttpRequest,
    cache: web::Data<ResponseCache>,
    path: Path<(Slug, Period)>,
    as_of: Query<AsOf>,
) -> Result<HttpResponse, Error> {
    let (code, period) = path.0;
    let query = cache.query(&actor, &req, &as_of.0)?;
    query.ensure_aggregate()?;
    cache
        .respond(&req, &query, async |facts| {
            service::explain(facts, &query, &code, period).await
        })
        .await
}

/// List the records behind a realisation
///
/// Every record and obligation that the formula judged, with its verdict, also the deleted ones. The value can be computed
/// from this list alone.
#[utoipa::path(
    tag = "realisations", operation_id = "listJudgedRecords",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "`2025`, `2025-S1`, `2025-Q2` or `2025-06`", example = "2025-Q2",
            min_length = 4, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$"),
        JudgedRecordFilter, AsOf, Paging
    ),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(
        (status = 200, description = "One page of records", body = JudgedRecordPage, headers(("Content-Language" = String, description = "The language of the sentences"), ("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "An instant in the future"),
    )
)]
#[get("/indicators/{code}/realisations/{period}/explanation/records")]
pub async fn records(
    actor: Requires<RealisationsRead>,
    req: HttpRequest,
    cache: web::Data<ResponseCache>,
    path: Path<(Slug, Period)>,
    filter: Query<JudgedRecordFilter>,
    as_of: Query<AsOf>,
    paging: Paging,
) -> Result<HttpResponse, Error> {
    let (code, period) = path.0;
    let query = cache.query(&actor, &req, &as_of.0)?;
    cache
        .respond(&req, &query, async |facts| {
            service::records(facts, &query, &code, period, &filter.0, &paging).await
        })
        .await
}

/// List the records in the gap between a realisation and a target
///
/// How many reports, cases or institutions would have to count, and which ones can; of an index the mean that the unfinished
/// surveys need.
#[utoipa::path(
    tag = "realisations", operation_id = "listGapRecords",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "`2025`, `2025-S1`, `2025-Q2` or `2025-06`", example = "2025-Q2",
            min_length = 4, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$"),
        GapTarget, AsOf, Paging
    ),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(
        (status = 200, description = "The gap", body = Gap, headers(("Content-Language" = String, description = "The language of the sentences"), ("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "An instant in the future"),
    )
)]
#[get("/indicators/{code}/realisations/{period}/gap")]
pub async fn gap(
    actor: Requires<RealisationsRead>,
    req: HttpRequest,
    cache: web::Data<ResponseCache>,
    path: Path<(Slug, Period)>,
    wanted: Query<GapTarget>,
    as_of: Query<AsOf>,
    paging: Paging,
) -> Result<HttpResponse, Error> {
    let (code, period) = path.0;
    let query = cache.query(&actor, &req, &as_of.0)?;
    cache
        .respond(&req, &query, async |facts| {
            service::gap(facts, &query, &code, period, &wanted.0, &paging).await
        })
        .await
}

/// List the steps of the difference of a realisation between two instants
///
/// What changed the value, step by step: recordings, answers and the calendar. The steps add up to the whole difference.
#[utoipa::path(
    tag = "realisations", operation_id = "listDifferenceSteps",
    params(
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "`2025`, `2025-S1`, `2025-Q2` or `2025-06`", example = "2025-Q2",
            min_length = 4, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$"),
        DifferenceFilter, Paging
    ),
    security(("oauth2" = [RealisationsRead::SCOPE])),
    responses(
        (status = 200, description = "The difference", body = Difference, headers(("Content-Language" = String, description = "The language of the sentences"), ("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "An instant in the future, the wrong order, or too many recordings"),
    )
)]
#[get("/indicators/{code}/realisations/{period}/difference")]
pub async fn difference(
    actor: Requires<RealisationsRead>,
    req: HttpRequest,
    cache: web::Data<ResponseCache>,
    path: Path<(Slug, Period)>,
    filter: Query<DifferenceFilter>,
    paging: Paging,
) -> Result<HttpResponse, Error> {
    let (code, period) = path.0;
    let query = cache.query_until(&actor, &req, filter.0.to, "query:to")?;
    cache
        .respond(&req, &query, async |facts| {
            between(facts, &query, &code, period, &filter.0, &paging).await
        })
        .await
}
