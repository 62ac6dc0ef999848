//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use chrono::Datelike;

use super::dto::{
    NewReportKind, ReportKind, ReportKindFilter, ReportKindPage, ReportKindPatch, ReportKindVersionPage, ReportKindYear,
};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, ReportKindsRead, ReportKindsWrite};
use crate::core::civil;
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{
    Body, DeleteReason, Deleted, IfMatch, Paging, Patch, Path, Query, Restoration, Slug, Tagged,
};

/// List report kinds
///
/// The kinds of reports that every desa owes in a year, in the wording that governs that year; or the deleted kinds.
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
    paging: Paging,
) -> Result<ReportKindPage, Error> {
    let this_year = civil::date_of(db.clock().now()).year();
    db.read_one(async |tx| service::list(tx, &filter.0, &paging, this_year).await)
        .await
}

/// Add a report kind
///
/// Desa in all districts owe the report in the years from `valid_from_year` to `valid_to_year`. A first year that is over needs
/// a `reason`, and `warnings` then names the periods that get other obligations.
#[utoipa::path(
    tag = "report-kinds", operation_id = "createReportKind", request_body = NewReportKind,
    security(("oauth2" = [ReportKindsWrite::SCOPE])),
    responses(
        Created<ReportKind>,
        (status = 409, description = "The code is taken"),
        (status = 422, description = "An end before the beginning, or a year that is over without a reason"),
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
    params(("code" = Slug, Path, description = "Code of the report kind"), ReportKindYear),
    security(("oauth2" = [ReportKindsRead::SCOPE])),
    responses(Tagged<ReportKind>)
)]
#[get("/report-kinds/{code}")]
pub async fn get(
    _actor: Requires<ReportKindsRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
    governed: Query<ReportKindYear>,
) -> Result<Tagged<ReportKind>, Error> {
    let this_year = civil::date_of(db.clock().now()).year();
    db.read_one(async |tx| service::get(tx, &code.0, governed.0.year, this_year).await)
        .await
        .map(Tagged::new)
}

/// Correct a report kind from a year on
///
/// `from_year` is the first year that the correction governs: it corrects the wording that begins in that year, or
/// begins a new wording there. Earlier years do not change. A first year that is over needs a `reason`, and `warnings` then
/// names the periods that get other obligations. `If-Match` takes the ETag of `GET ?year=` for that year.
#[utoipa::path(
    tag = "report-kinds", operation_id = "updateReportKind",
    params(("code" = Slug, Path, description = "Code of the report kind"), IfMatch),
    request_body(content = ReportKindPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [ReportKindsWrite::SCOPE])),
    responses(
        Tagged<ReportKind>,
        (status = 422, description = "A year before the kind begins, an end before the beginning, or a year that is over without a reason"),
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

/// Delete a report kind
///
/// For a kind that was added by mistake and has no reports. A kind that ships, or that has reports, is a 409: end it with
/// `valid_to_year`. A kind that was owed in a year that is over moves its values: the response is then 200 with `warnings`.
/// `If-Match` takes the ETag of `GET` without `year`.
#[utoipa::path(
    tag = "report-kinds", operation_id = "deleteReportKind",
    params(("code" = Slug, Path, description = "Code of the report kind"), DeleteReason, IfMatch),
    security(("oauth2" = [ReportKindsWrite::SCOPE])),
    responses(Deleted, (status = 409, description = "The kind ships, or has reports"))
)]
#[delete("/report-kinds/{code}")]
pub async fn delete(
    actor: Requires<ReportKindsWrite>,
    db: web::Data<Db>,
    code: Path<Slug>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<Deleted, Error> {
    let (year, reason) = (civil::date_of(db.clock().now()).year(), reason.0.reason);
    db.write(async |tx| service::delete(tx, &actor, &code.0, &if_match, reason, year).await)
        .await
        .map(Deleted)
}

/// Restore a report kind
///
/// A deleted kind is owed again, in all its wordings.
#[utoipa::path(
    tag = "report-kinds", operation_id = "restoreReportKind", request_body = Restoration,
    params(("code" = Slug, Path, description = "Code of the report kind")),
    security(("oauth2" = [ReportKindsWrite::SCOPE])),
    responses(Tagged<ReportKind>, (status = 409, description = "It is not deleted"))
)]
#[post("/report-kinds/{code}/restorations")]
pub async fn restore(
    actor: Requires<ReportKindsWrite>,
    db: web::Data<Db>,
    code: Path<Slug>,
    body: Body<Restoration>,
) -> Result<Tagged<ReportKind>, Error> {
    let year = civil::date_of(db.clock().now()).year();
    db.write(async |tx| service::restore(tx, &actor, &code.0, body.0, year).await)
        .await
        .map(Tagged::new)
}

/// List the versions of a report kind
///
/// All versions of all wordings, oldest first, each with its recorder, time and reason.
#[utoipa::path(
    tag = "report-kinds", operation_id = "listReportKindVersions",
    params(("code" = Slug, Path, description = "Code of the report kind"), Paging),
    security(("oauth2" = [ReportKindsRead::SCOPE])),
    responses(ReportKindVersionPage)
)]
#[get("/report-kinds/{code}/versions")]
pub async fn versions(
    actor: Requires<ReportKindsRead>,
    db: web::Data<Db>,
    code: Path<Slug>,
    paging: Paging,
) -> Result<ReportKindVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, &code.0, &paging).await)
        .await
}
