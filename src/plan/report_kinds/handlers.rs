//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use chrono::Datelike;

use super::dto::{
    Governed, NewReportKind, ReportKind, ReportKindFilter, ReportKindPage, ReportKindPatch, ReportKindVersionPage,
};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, ReportKindsRead, ReportKindsWrite};
use crate::core::civil;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Body, ETag, IfMatch, Paging, Patch, Path, Query, Slug, reply};

fn tag(kind: &ReportKind) -> ETag {
    ETag::at(kind.recorded_at)
}

/// List report kinds
///
/// The kinds of reports that every desa owes in a year, each in the wording that governs that year.
#[utoipa::path(
    tag = "report-kinds", operation_id = "listReportKinds", params(ReportKindFilter, Paging),
    security(("oauth2" = [ReportKindsRead::SCOPE])),
    responses((status = 200, description = "One page of report kinds", body = ReportKindPage))
)]
#[get("/report-kinds")]
pub async fn list(
    _who: Requires<ReportKindsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<ReportKindFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let this_year = civil::date_of(db.clock().now()).year();
    let page = db
        .read(async |tx| service::list(tx, &filter.0, &paging.0, this_year).await)
        .await?;
    reply::page(&req, &page)
}

/// Add a report kind
///
/// It is owed in the years from `valid_from_year` to `valid_to_year`, in every district.
#[utoipa::path(
    tag = "report-kinds", operation_id = "createReportKind", request_body = NewReportKind,
    security(("oauth2" = [ReportKindsWrite::SCOPE])),
    responses(
        (status = 201, description = "Added", body = ReportKind, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was added before by the same request", body = ReportKind, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The code is taken"),
        (status = 422, description = "A day that its month does not have every year, or an end before the beginning"),
    )
)]
#[post("/report-kinds")]
pub async fn create(
    actor: Requires<ReportKindsWrite>,
    db: web::Data<Db>,
    body: Body<NewReportKind>,
) -> Result<HttpResponse, Error> {
    let created = db.write(async |tx| service::create(tx, &actor, body.0).await).await?;
    Ok(reply::created(created, |k| format!("/v1/report-kinds/{}", k.code), tag))
}

/// Get a report kind
///
/// One kind in the wording that governs a year, whether or not it is owed in that year.
#[utoipa::path(
    tag = "report-kinds", operation_id = "getReportKind",
    params(("code" = Slug, Path, description = "Code of the report kind"), Governed),
    security(("oauth2" = [ReportKindsRead::SCOPE])),
    responses((status = 200, description = "The report kind", body = ReportKind, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/report-kinds/{code}")]
pub async fn get(
    _who: Requires<ReportKindsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    code: Path<Slug>,
    governed: Query<Governed>,
) -> Result<HttpResponse, Error> {
    let this_year = civil::date_of(db.clock().now()).year();
    let kind = db
        .read(async |tx| service::get(tx, &code.0, governed.0.year, this_year).await)
        .await?;
    Ok(reply::one(&req, &tag(&kind), &kind))
}

/// Correct a report kind from a year on
///
/// `from_year` is the first year the correction governs: where a wording begins in that year it is amended, otherwise
/// a new one begins there, and earlier years keep theirs. `If-Match` is the ETag of `GET ?year=` that year.
#[utoipa::path(
    tag = "report-kinds", operation_id = "updateReportKind",
    params(("code" = Slug, Path, description = "Code of the report kind"), IfMatch),
    request_body(content = ReportKindPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [ReportKindsWrite::SCOPE])),
    responses(
        (status = 200, description = "Corrected", body = ReportKind, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "A year before the kind begins, a day that its month does not have every year, or an end before the beginning"),
    )
)]
#[patch("/report-kinds/{code}")]
pub async fn patch(
    actor: Requires<ReportKindsWrite>,
    db: web::Data<Db>,
    code: Path<Slug>,
    if_match: IfMatch,
    body: Patch<ReportKindPatch>,
) -> Result<HttpResponse, Error> {
    let kind = db
        .write(async |tx| service::patch(tx, &actor, &code.0, &if_match, body).await)
        .await?;
    Ok(reply::changed(&tag(&kind), &kind))
}

/// List the versions of a report kind
///
/// Every version of every wording, in the order in which they were recorded: by whom, when and why.
#[utoipa::path(
    tag = "report-kinds", operation_id = "listReportKindVersions",
    params(("code" = Slug, Path, description = "Code of the report kind"), Paging),
    security(("oauth2" = [ReportKindsRead::SCOPE])),
    responses((status = 200, description = "One page of versions", body = ReportKindVersionPage))
)]
#[get("/report-kinds/{code}/versions")]
pub async fn versions(
    _who: Requires<ReportKindsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    code: Path<Slug>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::versions(tx, &code.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}
