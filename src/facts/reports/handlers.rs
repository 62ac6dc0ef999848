//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{NewReport, Report, ReportFilter, ReportPage, ReportPatch, ReportVersionPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, ReportsRead, ReportsWrite};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, IfMatch, NoContent, Paging, Patch, Path, Query, Tagged};

/// List reports
///
/// Village reports, filtered and sorted, page by page.
#[utoipa::path(
    tag = "reports", operation_id = "listReports", params(ReportFilter, Paging),
    security(("oauth2" = [ReportsRead::SCOPE])),
    responses(ReportPage)
)]
#[get("/reports")]
pub async fn list(
    actor: Requires<ReportsRead>,
    db: web::Data<Db>,
    filter: Query<ReportFilter>,
    paging: Query<Paging>,
) -> Result<ReportPage, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await
}

/// Record a report
///
/// Delivered reports count for IKU 4 or 5. A second report of the same village, kind and year is a 409; a retry with
/// the same `id` is not.
#[utoipa::path(
    tag = "reports", operation_id = "createReport", request_body = NewReport,
    security(("oauth2" = [ReportsWrite::SCOPE])),
    responses(
        Created<Report>,
        (status = 409, description = "Already recorded, or the id is taken"),
        (status = 422, description = "A kelurahan, a future date, or an unknown code"),
    )
)]
#[post("/reports")]
pub async fn create(
    actor: Requires<ReportsWrite>,
    db: web::Data<Db>,
    body: Body<NewReport>,
) -> Result<Created<Report>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await).await
}

/// Get a report
///
/// One report as it is now.
#[utoipa::path(
    tag = "reports", operation_id = "getReport", params(("id" = Uuid, Path, description = "Id of the report")),
    security(("oauth2" = [ReportsRead::SCOPE])),
    responses(Tagged<Report>)
)]
#[get("/reports/{id}")]
pub async fn get(actor: Requires<ReportsRead>, db: web::Data<Db>, id: Path<Uuid>) -> Result<Tagged<Report>, Error> {
    db.read(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Correct a report
///
/// Makes a new version; earlier versions stay readable.
#[utoipa::path(
    tag = "reports", operation_id = "updateReport",
    params(("id" = Uuid, Path, description = "Id of the report"), IfMatch),
    request_body(content = ReportPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [ReportsWrite::SCOPE])),
    responses(
        Tagged<Report>,
        (status = 409, description = "Another report has the same village, kind and year"),
        (status = 422, description = "A kelurahan, a future date, or an unknown code"),
    )
)]
#[patch("/reports/{id}")]
pub async fn patch(
    actor: Requires<ReportsWrite>,
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

/// List the versions of a report
///
/// All versions, oldest first: who recorded each, when and why. They stay readable after the report is withdrawn.
#[utoipa::path(
    tag = "reports", operation_id = "listReportVersions",
    params(("id" = Uuid, Path, description = "Id of the report"), Paging),
    security(("oauth2" = [ReportsRead::SCOPE])),
    responses(ReportVersionPage)
)]
#[get("/reports/{id}/versions")]
pub async fn versions(
    actor: Requires<ReportsRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Query<Paging>,
) -> Result<ReportVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, id.0, &paging.0).await)
        .await
}
