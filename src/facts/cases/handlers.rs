//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{Case, CaseFilter, CasePage, CasePatch, CaseVersionPage, NewCase};
use super::event::{CaseEventPage, NewCaseEvent};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{CasesRead, CasesWrite, Permission};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, ETag, IfMatch, Paging, Patch, Path, Query, reply};

fn tag(case: &Case) -> ETag {
    ETag::at(case.recorded_at)
}

/// List cases
///
/// Disturbances of public order with their events, filtered and sorted, page by page.
#[utoipa::path(
    tag = "cases", operation_id = "listCases", params(CaseFilter, Paging),
    security(("oauth2" = [CasesRead::SCOPE])),
    responses((status = 200, description = "One page of cases", body = CasePage))
)]
#[get("/cases")]
pub async fn list(
    actor: Requires<CasesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<CaseFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// Record a case
///
/// It counts for IKU 3 in the year (WITA) in which it occurred, unless it is rejected.
#[utoipa::path(
    tag = "cases", operation_id = "createCase", request_body = NewCase,
    security(("oauth2" = [CasesWrite::SCOPE])),
    responses(
        (status = 201, description = "Recorded", body = Case, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was recorded before by the same request", body = Case, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The id is taken"),
        (status = 422, description = "An unknown code, or a time that cannot be"),
    )
)]
#[post("/cases")]
pub async fn create(
    actor: Requires<CasesWrite>,
    db: web::Data<Db>,
    body: Body<NewCase>,
) -> Result<HttpResponse, Error> {
    let created = db.write(async |tx| service::create(tx, &actor, body.0).await).await?;
    Ok(reply::created(created, |r| format!("/v1/cases/{}", r.id), tag))
}

/// Get a case
///
/// One case as it is now.
#[utoipa::path(
    tag = "cases", operation_id = "getCase", params(("id" = Uuid, Path, description = "Id of the case")),
    security(("oauth2" = [CasesRead::SCOPE])),
    responses((status = 200, description = "The case", body = Case, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/cases/{id}")]
pub async fn get(
    actor: Requires<CasesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Error> {
    let case = db.read(async |tx| service::get(tx, &actor, id.0).await).await?;
    Ok(reply::one(&req, &tag(&case), &case))
}

/// Correct a case
///
/// Makes a new version; the old one stays readable.
#[utoipa::path(
    tag = "cases", operation_id = "updateCase",
    params(("id" = Uuid, Path, description = "Id of the case"), IfMatch),
    request_body(content = CasePatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [CasesWrite::SCOPE])),
    responses(
        (status = 200, description = "Corrected", body = Case, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 422, description = "An unknown code, or a time that cannot be"),
    )
)]
#[patch("/cases/{id}")]
pub async fn patch(
    actor: Requires<CasesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<CasePatch>,
) -> Result<HttpResponse, Error> {
    let case = db
        .write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await?;
    Ok(reply::changed(&tag(&case), &case))
}

/// Withdraw a case
///
/// The case no longer counts; its versions stay readable.
#[utoipa::path(
    tag = "cases", operation_id = "deleteCase",
    params(("id" = Uuid, Path, description = "Id of the case"), DeleteReason, IfMatch),
    security(("oauth2" = [CasesWrite::SCOPE])),
    responses((status = 204, description = "Withdrawn"))
)]
#[delete("/cases/{id}")]
pub async fn delete(
    actor: Requires<CasesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    why: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    db.write(async |tx| service::delete(tx, &actor, id.0, &if_match, why.0.reason).await)
        .await?;
    Ok(reply::gone())
}

/// List the versions of a case
///
/// Every version, oldest first: who recorded it, when and why. Readable also after the case was withdrawn.
#[utoipa::path(
    tag = "cases", operation_id = "listCaseVersions",
    params(("id" = Uuid, Path, description = "Id of the case"), Paging),
    security(("oauth2" = [CasesRead::SCOPE])),
    responses((status = 200, description = "One page of versions", body = CaseVersionPage))
)]
#[get("/cases/{id}/versions")]
pub async fn versions(
    actor: Requires<CasesRead>,
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

/// List the events of a case
///
/// What happened to it, in the order in which it happened.
#[utoipa::path(
    tag = "cases", operation_id = "listCaseEvents",
    params(("id" = Uuid, Path, description = "Id of the case"), Paging),
    security(("oauth2" = [CasesRead::SCOPE])),
    responses((status = 200, description = "One page of events", body = CaseEventPage))
)]
#[get("/cases/{id}/events")]
pub async fn events(
    actor: Requires<CasesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::events(tx, &actor, id.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// Record an event of a case
///
/// Changes the status of the case, and so makes a new version of it; answers the case. Allowed: `reported` to
/// `verified` or `rejected`; `verified` to `handling`, `resolved`, `referred` or `rejected`; `handling` to `resolved`,
/// `referred` or `rejected`. Needs no `If-Match`: what is impossible where the case stands is refused. The event's own
/// `id` makes sending again safe.
#[utoipa::path(
    tag = "cases", operation_id = "createCaseEvent",
    params(("id" = Uuid, Path, description = "Id of the case")),
    request_body = NewCaseEvent,
    security(("oauth2" = [CasesWrite::SCOPE])),
    responses(
        (status = 201, description = "Recorded", body = Case, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was recorded before by the same request", body = Case, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "Impossible where the case stands, or the event's id is taken"),
        (status = 422, description = "A time in the future, before the case, or before its last event"),
    )
)]
#[post("/cases/{id}/events")]
pub async fn add_event(
    actor: Requires<CasesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<NewCaseEvent>,
) -> Result<HttpResponse, Error> {
    let recorded = db
        .write(async |tx| service::add_event(tx, &actor, id.0, body.0).await)
        .await?;
    Ok(reply::created(recorded, |c| format!("/v1/cases/{}", c.id), tag))
}
