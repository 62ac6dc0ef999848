//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{Case, CaseFilter, CasePage, CasePatch, CaseVersionPage, NewCase};
use super::event::{CaseEventPage, NewCaseEvent};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{CasesRead, CasesWrite, Permission};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, IfMatch, NoContent, Paging, Patch, Path, Query, Restoration, Tagged};

/// List cases
///
/// Disturbances of public order with their events, filtered and sorted, page by page.
#[utoipa::path(
    tag = "cases", operation_id = "listCases", params(CaseFilter, Paging),
    security(("oauth2" = [CasesRead::SCOPE])),
    responses(CasePage)
)]
#[get("/cases")]
pub async fn list(
    actor: Requires<CasesRead>,
    db: web::Data<Db>,
    filter: Query<CaseFilter>,
    paging: Paging,
) -> Result<CasePage, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging).await)
        .await
}

/// Record a case
///
/// The case counts for IKU 3 in the year (WITA) in which it occurred, unless it is rejected. Where the register has no
/// time, `occurred_at` is a date. A case without a known village names its `district_code` and counts too.
#[utoipa::path(
    tag = "cases", operation_id = "createCase", request_body = NewCase,
    security(("oauth2" = [CasesWrite::SCOPE])),
    responses(
        Created<Case>,
        (status = 409, description = "The id is taken"),
        (status = 422, description = "An unknown code, an impossible time, or a day on which the village did not exist"),
    )
)]
#[post("/cases")]
pub async fn create(
    actor: Requires<CasesWrite>,
    db: web::Data<Db>,
    body: Body<NewCase>,
) -> Result<Created<Case>, Error> {
    db.write(async |tx| service::create(tx, &actor, body.0).await).await
}

/// Get a case
///
/// The current version of a case.
#[utoipa::path(
    tag = "cases", operation_id = "getCase", params(("id" = Uuid, Path, description = "Id of the case")),
    security(("oauth2" = [CasesRead::SCOPE])),
    responses(Tagged<Case>)
)]
#[get("/cases/{id}")]
pub async fn get(actor: Requires<CasesRead>, db: web::Data<Db>, id: Path<Uuid>) -> Result<Tagged<Case>, Error> {
    db.read(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Correct a case
///
/// Makes a new version; earlier versions stay readable. The status changes by events only. `occurred_at` must not be
/// after the first event.
#[utoipa::path(
    tag = "cases", operation_id = "updateCase",
    params(("id" = Uuid, Path, description = "Id of the case"), IfMatch),
    request_body(content = CasePatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [CasesWrite::SCOPE])),
    responses(
        Tagged<Case>,
        (status = 422, description = "An unknown code, an impossible time, or a day on which the village did not exist"),
    )
)]
#[patch("/cases/{id}")]
pub async fn patch(
    actor: Requires<CasesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<CasePatch>,
) -> Result<Tagged<Case>, Error> {
    db.write(async |tx| service::patch(tx, &actor, id.0, &if_match, body).await)
        .await
        .map(Tagged::new)
}

/// Withdraw a case
///
/// The case no longer counts; its versions stay readable.
#[utoipa::path(
    tag = "cases", operation_id = "deleteCase",
    params(("id" = Uuid, Path, description = "Id of the case"), DeleteReason, IfMatch),
    security(("oauth2" = [CasesWrite::SCOPE])),
    responses(NoContent)
)]
#[delete("/cases/{id}")]
pub async fn delete(
    actor: Requires<CasesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<NoContent, Error> {
    db.write(async |tx| service::delete(tx, &actor, id.0, &if_match, reason.0.reason).await)
        .await?;
    Ok(NoContent)
}

/// Restore a case
///
/// A withdrawn case counts again, from now on, with its events.
#[utoipa::path(
    tag = "cases", operation_id = "restoreCase", request_body = Restoration,
    params(("id" = Uuid, Path, description = "Id of the case")),
    security(("oauth2" = [CasesWrite::SCOPE])),
    responses(
        Tagged<Case>,
        (status = 409, description = "It is not deleted"),
        (status = 422, description = "Its village does not exist on its day any more"),
    )
)]
#[post("/cases/{id}/restorations")]
pub async fn restore(
    actor: Requires<CasesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<Restoration>,
) -> Result<Tagged<Case>, Error> {
    db.write(async |tx| service::restore(tx, &actor, id.0, body.0).await)
        .await
        .map(Tagged::new)
}

/// List the versions of a case
///
/// All versions, oldest first, each with its recorder, time and reason. They stay readable after the case is withdrawn.
#[utoipa::path(
    tag = "cases", operation_id = "listCaseVersions",
    params(("id" = Uuid, Path, description = "Id of the case"), Paging),
    security(("oauth2" = [CasesRead::SCOPE])),
    responses(CaseVersionPage)
)]
#[get("/cases/{id}/versions")]
pub async fn versions(
    actor: Requires<CasesRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Paging,
) -> Result<CaseVersionPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, id.0, &paging).await)
        .await
}

/// List the events of a case
///
/// The events of a case, in the order of the record, also those that were taken back.
#[utoipa::path(
    tag = "cases", operation_id = "listCaseEvents",
    params(("id" = Uuid, Path, description = "Id of the case"), Paging),
    security(("oauth2" = [CasesRead::SCOPE])),
    responses(CaseEventPage)
)]
#[get("/cases/{id}/events")]
pub async fn events(
    actor: Requires<CasesRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Paging,
) -> Result<CaseEventPage, Error> {
    db.read(async |tx| service::events(tx, &actor, id.0, &paging).await)
        .await
}

/// Record an event of a case
///
/// Changes the status of the case, which makes a new version of it, and returns the case. Possible events: `reported`:
/// `verified`, `rejected`; `verified`: `handling`, `resolved`, `referred`, `rejected`; `handling`: `resolved`, `referred`,
/// `rejected`; `referred`: `receipt_added`, `resolved`, `returned` (to `verified`); `resolved`, `referred`, `rejected`:
/// `reopened` (to `verified`, or `reported` if it had never been verified); every status but `reported`: `withdrawn`, which
/// takes back the last event that counts, with its reason in `note`. `referred` names the receiver in `referred_to`.
/// `If-Match` is not needed: an event that the status does not allow is refused. The `id` of the event makes a retry safe.
#[utoipa::path(
    tag = "cases", operation_id = "createCaseEvent",
    params(("id" = Uuid, Path, description = "Id of the case")),
    request_body = NewCaseEvent,
    security(("oauth2" = [CasesWrite::SCOPE])),
    responses(
        Created<Case>,
        (status = 409, description = "The status of the case does not allow the event, or the id of the event is taken"),
        (status = 422, description = "A time in the future, before the case, or before its last event; a missing receiver, receipt or reason"),
    )
)]
#[post("/cases/{id}/events")]
pub async fn add_event(
    actor: Requires<CasesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<NewCaseEvent>,
) -> Result<Created<Case>, Error> {
    db.write(async |tx| service::add_event(tx, &actor, id.0, body.0).await)
        .await
}
