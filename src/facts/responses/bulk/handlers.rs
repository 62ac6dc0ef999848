//! The operations on many answers of the office.

use actix_web::{get, post, web};
use uuid::Uuid;

use super::dto::{
    BulkDecision, BulkDecisionFilter, BulkDecisionPage, BulkVoid, BulkVoidFilter, BulkVoidPage, NewBulkDecision,
    NewBulkVoid,
};
use super::{restoring, service};
use crate::access::Requires;
use crate::access::permissions::{HeldResponsesRead, HeldResponsesWrite, Permission, ResponsesRead, ResponsesWrite};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, Paging, Path, Query, Restoration, Tagged};

/// Decide on many held answers
///
/// Releases or discards all held answers that match and wait for a decision, as the decisions on single answers do: at
/// most 10,000 in one request, the oldest first. `has_more` says whether to send another request, with a new `id`. The
/// surveys of the answers must belong to one's sections; `survey_id` chooses among them. Each request is one recorded
/// decision.
#[utoipa::path(
    tag = "held-responses", operation_id = "createHeldDecision", request_body = NewBulkDecision,
    security(("oauth2" = [HeldResponsesWrite::SCOPE])),
    responses(
        Created<BulkDecision>,
        (status = 409, description = "The id is taken"),
        (status = 422, description = "No held answer matches, an unknown survey, or neither survey nor client"),
    )
)]
#[post("/held-responses/decisions")]
pub async fn decide(
    actor: Requires<HeldResponsesWrite>,
    db: web::Data<Db>,
    body: Body<NewBulkDecision>,
) -> Result<Created<BulkDecision>, Error> {
    db.write(async |tx| service::decide(tx, &actor, body.0).await).await
}

/// Get a decision on many held answers
///
/// What was decided, on how many answers, by whom and why.
#[utoipa::path(
    tag = "held-responses", operation_id = "getHeldDecision",
    params(("id" = Uuid, Path, description = "Id of the decision")),
    security(("oauth2" = [HeldResponsesRead::SCOPE])),
    responses(Tagged<BulkDecision>)
)]
#[get("/held-decisions/{id}")]
pub async fn get_decision(
    actor: Requires<HeldResponsesRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<Tagged<BulkDecision>, Error> {
    db.read(async |tx| service::get_decision(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// List the decisions on many held answers
///
/// Each with what was decided, on how many answers, by whom and why, and whether it was taken back; newest first.
#[utoipa::path(
    tag = "held-responses", operation_id = "listHeldDecisions", params(BulkDecisionFilter, Paging),
    security(("oauth2" = [HeldResponsesRead::SCOPE])),
    responses(BulkDecisionPage)
)]
#[get("/held-decisions")]
pub async fn list_decisions(
    actor: Requires<HeldResponsesRead>,
    db: web::Data<Db>,
    filter: Query<BulkDecisionFilter>,
    paging: Paging,
) -> Result<BulkDecisionPage, Error> {
    db.read(async |tx| service::list_decisions(tx, &actor, &filter.0, &paging).await)
        .await
}

/// Restore the answers of a decision
///
/// All answers that the decision discarded wait for a decision again, except those that were restored alone before. The surveys
/// of the answers must belong to one's sections.
#[utoipa::path(
    tag = "held-responses", operation_id = "restoreHeldDecision", request_body = Restoration,
    params(("id" = Uuid, Path, description = "Id of the decision")),
    security(("oauth2" = [HeldResponsesWrite::SCOPE])),
    responses(
        Tagged<BulkDecision>,
        (status = 409, description = "Its answers were restored before, or were released"),
    )
)]
#[post("/held-decisions/{id}/restorations")]
pub async fn restore_decision(
    actor: Requires<HeldResponsesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<Restoration>,
) -> Result<Tagged<BulkDecision>, Error> {
    db.write(async |tx| restoring::restore_discarded(tx, &actor, id.0, &body.0.reason).await)
        .await
        .map(Tagged::new)
}

/// Void many answers of a device
///
/// For the false answers of a stolen phone: they stay stored with the reason, and no longer count. At most 10,000 in one
/// request, the oldest first. `has_more` says whether to send another request, with a new `id`. The surveys of the answers
/// must belong to one's sections; `survey_id` chooses among them. Each request is one recorded decision.
#[utoipa::path(
    tag = "responses", operation_id = "createResponseVoid", request_body = NewBulkVoid,
    security(("oauth2" = [ResponsesWrite::SCOPE])),
    responses(
        Created<BulkVoid>,
        (status = 409, description = "The id is taken"),
        (status = 422, description = "No answer matches, or an unknown survey"),
    )
)]
#[post("/responses/voids")]
pub async fn void(
    actor: Requires<ResponsesWrite>,
    db: web::Data<Db>,
    body: Body<NewBulkVoid>,
) -> Result<Created<BulkVoid>, Error> {
    db.write(async |tx| service::void(tx, &actor, body.0).await).await
}

/// List the voids of many answers
///
/// Each with how many answers were voided, by whom and why, and whether they were restored; newest first.
#[utoipa::path(
    tag = "responses", operation_id = "listResponseVoids", params(BulkVoidFilter, Paging),
    security(("oauth2" = [ResponsesRead::SCOPE])),
    responses(BulkVoidPage)
)]
#[get("/responses/voids")]
pub async fn list_voids(
    actor: Requires<ResponsesRead>,
    db: web::Data<Db>,
    filter: Query<BulkVoidFilter>,
    paging: Paging,
) -> Result<BulkVoidPage, Error> {
    db.read(async |tx| service::list_voids(tx, &actor, &filter.0, &paging).await)
        .await
}

/// Get a void of many answers
///
/// Which answers were voided, how many, by whom and why.
#[utoipa::path(
    tag = "responses", operation_id = "getResponseVoid",
    params(("id" = Uuid, Path, description = "Id of the void")),
    security(("oauth2" = [ResponsesRead::SCOPE])),
    responses(Tagged<BulkVoid>)
)]
#[get("/responses/voids/{id}")]
pub async fn get_void(
    actor: Requires<ResponsesRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<Tagged<BulkVoid>, Error> {
    db.read(async |tx| service::get_void(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Restore the answers of a void
///
/// All answers of the void count again, from now on, except those that were restored alone before. The surveys of the answers
/// must belong to one's sections.
#[utoipa::path(
    tag = "responses", operation_id = "restoreResponseVoid", request_body = Restoration,
    params(("id" = Uuid, Path, description = "Id of the void")),
    security(("oauth2" = [ResponsesWrite::SCOPE])),
    responses(
        Tagged<BulkVoid>,
        (status = 409, description = "Its answers were restored before"),
    )
)]
#[post("/responses/voids/{id}/restorations")]
pub async fn restore_void(
    actor: Requires<ResponsesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<Restoration>,
) -> Result<Tagged<BulkVoid>, Error> {
    db.write(async |tx| restoring::restore_voided(tx, &actor, id.0, &body.0.reason).await)
        .await
        .map(Tagged::new)
}
