//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{NewReport, Report, ReportFilter, ReportPage, ReportPatch, ReportVersionPage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, ReportsRead, ReportsWrite};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, ETag, IfMatch, Paging, Patch, Path, Query, reply};

fn tag(report: &Report) -> ETag {
    ETag::at(report.recorded_at)
}

/// List reports
///
/// Village reports, filtered and sorted, page by page.
#[utoipa::path(
    tag = "reports", operation_id = "listReports", params(ReportFilter, Paging),
    security(("oauth2" = [ReportsRead::SCOPE])),
    responses((status = 200, description = "One page of reports", body = ReportPage))
)]
#[get("/reports")]
pub async fn list(
    actor: Requires<ReportsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<ReportFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// Record a report
///
/// Delivered reports count for IKU 4 or 5. The same report twice is a 409; the same request twice is not.
#[utoipa::path(
    tag = "reports", operation_id = "createReport", request_body = NewReport,
    security(("oauth2" = [ReportsWrite::SCOPE])),
    responses(
        (status = 201, description = "Recorded", body = Report, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was recorded before by the same request", body = Report, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "Already recorded, or the id is taken"),
        (status = 422, description = "A kelurahan, a future date, or an unknown code"),
    )
)]
#[post("/reports")]
pub async fn create(
    actor: Requires<ReportsWrite>,
    db: web::Data<Db>,
    body: Body<NewReport>,
) -> Result<HttpResponse, Error> {
    let created = db.write(async |tx| service::create(tx, &actor, body.0).await).await?;
    Ok(reply::created(created, |r| format!("/v1/reports/{}", r.id), tag))
}

/// Get a report
///
/// One report as it is now.
#[utoipa::path(
    tag = "reports", operation_id = "getReport", params(("id" = Uuid, Path, description = "Id of the report")),
    security(("oauth2" = [ReportsRead::SCOPE])),
    responses((status = 200, description = "The report", body = Report, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/reports/{id}")]
pub async fn get(
    actor: Requires<ReportsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Error> {
    let report = db.read(async |tx| service::get(tx, &actor, id.0).await).await?;
    Ok(reply::one(&req, &tag(&report), &report))
}

/// Correct a report
///
/// Makes a new version; the old one stays readable.
#[utoipa::path(
    tag = "reports", operation_id = "updateReport",
    params(("id" = Uuid, Path, description = "Id of the report"), IfMatch),
    request_body(content = ReportPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [ReportsWrite::SCOPE])),
    responses(
        (status = 200, description = "Corrected", body = Report, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "Another report already says the same"),
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
) -> Result<HttpResponse, Error> {
    let report = db
        .write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await?;
    Ok(reply::changed(&tag(&report), &report))
}

/// Withdraw a report
///
/// The report no longer counts; its versions stay readable.
#[utoipa::path(
    tag = "reports", operation_id = "deleteReport",
    params(("id" = Uuid, Path, description = "Id of the report"), DeleteReason, IfMatch),
    security(("oauth2" = [ReportsWrite::SCOPE])),
    responses((status = 204, description = "Withdrawn"))
)]
#[delete("/reports/{id}")]
pub async fn delete(
    actor: Requires<ReportsWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    why: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    db.write(async |tx| service::delete(tx, &actor, id.0, &if_match, why.0.reason).await)
        .await?;
    Ok(reply::gone())
}

/// List the versions of a report
///
/// Every version, oldest first: who recorded it, when and why. Readable also after the report was withdrawn.
#[utoipa::path(
    tag = "reports", operation_id = "listReportVersions",
    params(("id" = Uuid, Path, description = "Id of the report"), Paging),
    security(("oauth2" = [ReportsRead::SCOPE])),
    responses((status = 200, description = "One page of versions", body = ReportVersionPage))
)]
#[get("/reports/{id}/versions")]
pub async fn versions(
    actor: Requires<ReportsRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::versions(tx, &actor, id.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}
