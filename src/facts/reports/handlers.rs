//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{NewReport, Report, ReportFilter, ReportPage, ReportPatch, ReportVersionPage};
use super::service;
use crate::access::permissions::{Permission, Permissions, ReportsCheck, ReportsDeliver, ReportsRead, ReportsWrite};
use crate::access::{Requires, RequiresAny, RequiresOneOf};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{
    Body, DeleteReason, IfMatch, NoContent, PageBody, Paging, Patch, Path, Query, Restoration, Tagged,
};

/// The scopes with which a report can be corrected, each within its bounds.
#[derive(Debug)]
pub enum AnyCorrection {}

impl Permissions for AnyCorrection {
    const SCOPES: &'static [&'static str] = &[ReportsWrite::SCOPE, ReportsCheck::SCOPE, ReportsDeliver::SCOPE];
}

/// List reports
///
/// Village reports, filtered and sorted, page by page. The system of a village (role `reporter`) sees those of its own village.
#[utoipa::path(
    tag = "reports", operation_id = "listReports", params(ReportFilter, Paging),
    security(("oauth2" = [ReportsRead::SCOPE]), ("oauth2" = [ReportsDeliver::SCOPE])),
    responses(ReportPage)
)]
#[get("/reports")]
pub async fn list(
    actor: RequiresAny<ReportsRead, ReportsDeliver>,
    db: web::Data<Db>,
    filter: Query<ReportFilter>,
    paging: Paging,
) -> Result<PageBody<Report>, Error> {
    db.read_one(async |tx| service::list(tx, &actor, &filter.0, &paging).await)
        .await
}

/// Record a report
///
/// Delivered reports count for IKU 4 or 5. A second report of the same village, kind and year is a 409; a retry with
/// the same `id` is not. With `reports:deliver` alone, as the system of a village has it, the report is one of the own village,
/// `received`, and delivered today (WITA).
#[utoipa::path(
    tag = "reports", operation_id = "createReport", request_body = NewReport,
    security(("oauth2" = [ReportsWrite::SCOPE]), ("oauth2" = [ReportsDeliver::SCOPE])),
    responses(
        Created<Report>,
        (status = 409, description = "Already recorded, or the id is taken"),
        (status = 422, description = "A kelurahan, a day in the future or outside the village's life, or an unknown code"),
    )
)]
#[post("/reports")]
pub async fn create(
    actor: RequiresAny<ReportsWrite, ReportsDeliver>,
    db: web::Data<Db>,
    body: Body<NewReport>,
) -> Result<Created<Report>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await).await
}

/// Get a report
///
/// The current version of a report.
#[utoipa::path(
    tag = "reports", operation_id = "getReport", params(("id" = Uuid, Path, description = "Id of the report")),
    security(("oauth2" = [ReportsRead::SCOPE]), ("oauth2" = [ReportsDeliver::SCOPE])),
    responses(Tagged<Report>)
)]
#[get("/reports/{id}")]
pub async fn get(
    actor: RequiresAny<ReportsRead, ReportsDeliver>,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<Tagged<Report>, Error> {
    db.read_one(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Correct a report
///
/// Makes a new version; earlier versions stay readable. With `reports:check` alone, as the Sekretaris has it, only `status`
/// may change. With `reports:deliver` alone, as the system of a village has it, a returned report can be handed in again.
#[utoipa::path(
    tag = "reports", operation_id = "updateReport",
    params(("id" = Uuid, Path, description = "Id of the report"), IfMatch),
    request_body(content = ReportPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [ReportsWrite::SCOPE]), ("oauth2" = [ReportsCheck::SCOPE]), ("oauth2" = [ReportsDeliver::SCOPE])),
    responses(
        Tagged<Report>,
        (status = 409, description = "Another report has the same village, kind and year"),
        (status = 422, description = "A kelurahan, a day in the future or outside the village's life, or an unknown code"),
    )
)]
#[patch("/reports/{id}")]
pub async fn patch(
    actor: RequiresOneOf<AnyCorrection>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<ReportPatch>,
) -> Result<Tagged<Report>, Error> {
    db.write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await
        .map(Tagged::new)
}

/// Withdraw a report
///
/// The report no longer counts; its versions stay readable.
#[utoipa::path(
    tag = "reports", operation_id = "deleteReport",
    params(("id" = Uuid, Path, description = "Id of the report"), DeleteReason, IfMatch),
    security(("oauth2" = [ReportsWrite::SCOPE])),
    responses(NoContent)
)]
#[delete("/reports/{id}")]
pub async fn delete(
    actor: Requires<ReportsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<NoContent, Error> {
    db.write(async |tx| service::delete(tx, &actor, id.0, &if_match, reason.0.reason).await)
        .await?;
    Ok(NoContent)
}

/// Restore a report
///
/// A withdrawn report counts again, from now on. Another report of the same village, kind and year is a 409.
#[utoipa::path(
    tag = "reports", operation_id = "restoreReport", request_body = Restoration,
    params(("id" = Uuid, Path, description = "Id of the report")),
    security(("oauth2" = [ReportsWrite::SCOPE])),
    responses(
        Tagged<Report>,
        (status = 409, description = "It is not deleted, or another report has taken its place"),
        (status = 422, description = "It can no longer count: its village did not exist on its day, or its kind is not owed"),
    )
)]
#[post("/reports/{id}/restorations")]
pub async fn restore(
    actor: Requires<ReportsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<Restoration>,
) -> Result<Tagged<Report>, Error> {
    db.write(async |tx| service::restore(tx, &actor, id.0, body.0).await)
        .await
        .map(Tagged::new)
}

/// List the versions of a report
///
/// All versions, oldest first, each with its recorder, time and reason. They stay readable after the report is
/// withdrawn.
#[utoipa::path(
    tag = "reports", operation_id = "listReportVersions",
    params(("id" = Uuid, Path, description = "Id of the report"), Paging),
    security(("oauth2" = [ReportsRead::SCOPE]), ("oauth2" = [ReportsDeliver::SCOPE])),
    responses(ReportVersionPage)
)]
#[get("/reports/{id}/versions")]
pub async fn versions(
    actor: RequiresAny<ReportsRead, ReportsDeliver>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Paging,
) -> Result<ReportVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, id.0, &paging).await)
        .await
}
