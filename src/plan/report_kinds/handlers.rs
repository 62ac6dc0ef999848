//! HTTP operations.

use actix_web::{get, patch, post, web};
use chrono::Datelike;

use super::dto::{
    Governed, NewReportKind, ReportKind, ReportKindFilter, ReportKindPage, ReportKindPatch, ReportKindVersionPage,
};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, ReportKindsRead, ReportKindsWrite};
use crate::core::civil;
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, IfMatch, Paging, Patch, Path, Query, Slug, Tagged};

/// List report kinds
///
/// The kinds of reports that every desa owes in a year, in the wording that governs that year.
#[utoipa::path(
    tag = "report-kinds", operation_id = "listReportKinds", params(ReportKindFilter, Paging),
    security(("oauth2" = [ReportKindsRead::SCOPE])),
    responses(ReportKindPage)
)]
#[get("/report-kinds")]
pub async fn list(
    _actor: Requires<ReportKindsRead>,
    db: web::Data<Db>,
    filter: Query<ReportKindFilter>,
    paging: Query<Paging>,
) -> Result<ReportKindPage, Error> {
    let this_year = civil::date_of(db.clock().now()).year();
    db.read(async |tx| service::list(tx, &filter.0, &paging.0, this_year).await)
        .await
}

/// Add a report kind
///
/// Desa in all districts owe the report in the years from `valid_from_year` to `valid_to_year`.
#[utoipa::path(
    tag = "report-kinds", operation_id = "createReportKind", request_body = NewReportKind,
    security(("oauth2" = [ReportKindsWrite::SCOPE])),
    responses(
        Created<ReportKind>,
        (status = 409, description = "The code is taken"),
        (status = 422, description = "A day that the month does not have in every year, or an end before the beginning"),
    )
)]
#[post("/report-kinds")]
pub async fn create(
    actor: Requires<ReportKindsWrite>,
    db: web::Data<Db>,
    body: Body<NewReportKind>,
) -> Result<Created<ReportKind>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await).await
}

/// Get a report kind
///
/// A report kind in the wording that governs a year, also if it is not owed in that year.
#[utoipa::path(
    tag = "report-kinds", operation_id = "getReportKind",
    params(("code" = Slug, Path, description = "Code of the report kind"), Governed),
    security(("oauth2" = [ReportKindsRead::SCOPE])),
    responses(Tagged<ReportKind>)
)]
#[get("/report-kinds/{code}")]
pub async fn get(
    _actor: Requires<ReportKindsRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
    governed: Query<Governed>,
) -> Result<Tagged<ReportKind>, Error> {
    let this_year = civil::date_of(db.clock().now()).year();
    db.read(async |tx| service::get(tx, &code.0, governed.0.year, this_year).await)
        .await
        .map(Tagged::new)
}

/// Correct a report kind from a year on
///
/// `from_year` is the first year that the correction governs: it corrects the wording that begins in that year, or begins
/// a new wording there. Earlier years stay as they are. `If-Match` takes the ETag of `GET ?year=` for that year.
#[utoipa::path(
    tag = "report-kinds", operation_id = "updateReportKind",
    params(("code" = Slug, Path, description = "Code of the report kind"), IfMatch),
    request_body(content = ReportKindPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [ReportKindsWrite::SCOPE])),
    responses(
        Tagged<ReportKind>,
        (status = 422, description = "A year before the kind begins, a day that the month does not have in every year, or an end before the beginning"),
    )
)]
#[patch("/report-kinds/{code}")]
pub async fn patch(
    actor: Requires<ReportKindsWrite>,
    db: web::Data<Db>,
    code: Path<Slug>,
    if_match: IfMatch,
    body: Patch<ReportKindPatch>,
) -> Result<Tagged<ReportKind>, Error> {
    db.write(async |tx| service::patch(tx, &actor, &code.0, &if_match, body).await)
        .await
        .map(Tagged::new)
}

/// List the versions of a report kind
///
/// All versions of all wordings, oldest first: who recorded each, when and why.
#[utoipa::path(
    tag = "report-kinds", operation_id = "listReportKindVersions",
    params(("code" = Slug, Path, description = "Code of the report kind"), Paging),
    security(("oauth2" = [ReportKindsRead::SCOPE])),
    responses(ReportKindVersionPage)
)]
#[get("/report-kinds/{code}/versions")]
pub async fn versions(
    _actor: Requires<ReportKindsRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
    paging: Query<Paging>,
) -> Result<ReportKindVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &code.0, &paging.0).await)
        .await
}
