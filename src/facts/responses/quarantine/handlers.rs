//! The operations on held answers.

use actix_web::{get, post, web};
use uuid::Uuid;

use super::dto::{
    HeldDecision, HeldDecisionReason, HeldDecisionRecordPage, HeldResponse, HeldResponseFilter, HeldResponsePage,
};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{HeldResponsesRead, HeldResponsesWrite, Permission};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Body, Paging, Path, Query, Restoration, Tagged};

/// List held answers
///
/// Answers that wait for a decision, and decided answers; newest first.
#[utoipa::path(
    tag = "held-responses", operation_id = "listHeldResponses", params(HeldResponseFilter, Paging),
    security(("oauth2" = [HeldResponsesRead::SCOPE])),
    responses(HeldResponsePage)
)]
#[get("/held-responses")]
pub async fn list(
    actor: Requires<HeldResponsesRead>,
    db: web::Data<Db>,
    filter: Query<HeldResponseFilter>,
    paging: Paging,
) -> Result<HeldResponsePage, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging).await)
        .await
}

/// Get a held answer
///
/// The answer as it was sent, the reason why it is held, and the decision.
#[utoipa::path(
    tag = "held-responses", operation_id = "getHeldResponse",
    params(("id" = Uuid, Path, description = "Id of the held answer")),
    security(("oauth2" = [HeldResponsesRead::SCOPE])),
    responses(Tagged<HeldResponse>)
)]
#[get("/held-responses/{id}")]
pub async fn get(
    actor: Requires<HeldResponsesRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<Tagged<HeldResponse>, Error> {
    db.read(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Release a held answer
///
/// The answer counts from now on: current values change, values of an earlier `as_of` do not. A quarantined answer keeps
/// its id; an answer whose id was taken gets a new id. Only officers of the survey's section can do this. A retry has the
/// same result.
#[utoipa::path(
    tag = "held-responses", operation_id = "releaseHeldResponse",
    params(("id" = Uuid, Path, description = "Id of the held answer")), request_body = HeldDecisionReason,
    security(("oauth2" = [HeldResponsesWrite::SCOPE])),
    responses(
        Tagged<HeldResponse>,
        (status = 409, description = "It was discarded, or its survey is a draft"),
        (status = 422, description = "The content was not checked before, and has too few answers or an unknown village"),
    )
)]
#[post("/held-responses/{id}/release")]
pub async fn release(
    actor: Requires<HeldResponsesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<HeldDecisionReason>,
) -> Result<Tagged<HeldResponse>, Error> {
    db.write(async |tx| service::decide(tx, &actor, id.0, HeldDecision::Released, body.0.reason).await)
        .await
        .map(Tagged::new)
}

/// Discard a held answer
///
/// The answer stays stored and does not count. It can be restored. Only officers of the survey's section can do this. A retry
/// has the same result.
#[utoipa::path(
    tag = "held-responses", operation_id = "discardHeldResponse",
    params(("id" = Uuid, Path, description = "Id of the held answer")), request_body = HeldDecisionReason,
    security(("oauth2" = [HeldResponsesWrite::SCOPE])),
    responses(
        Tagged<HeldResponse>,
        (status = 409, description = "It was released"),
    )
)]
#[post("/held-responses/{id}/discard")]
pub async fn discard(
    actor: Requires<HeldResponsesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<HeldDecisionReason>,
) -> Result<Tagged<HeldResponse>, Error> {
    db.write(async |tx| service::decide(tx, &actor, id.0, HeldDecision::Discarded, body.0.reason).await)
        .await
        .map(Tagged::new)
}

/// Restore a discarded answer
///
/// It waits for a decision again, and can be released. Values of an earlier `as_of` do not change. Only officers of the survey's
/// section can do this.
#[utoipa::path(
    tag = "held-responses", operation_id = "restoreHeldResponse", request_body = Restoration,
    params(("id" = Uuid, Path, description = "Id of the held answer")),
    security(("oauth2" = [HeldResponsesWrite::SCOPE])),
    responses(
        Tagged<HeldResponse>,
        (status = 409, description = "It waits for a decision, or was released"),
    )
)]
#[post("/held-responses/{id}/restorations")]
pub async fn restore(
    actor: Requires<HeldResponsesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<Restoration>,
) -> Result<Tagged<HeldResponse>, Error> {
    db.write(async |tx| service::restore(tx, &actor, id.0, &body.0.reason).await)
        .await
        .map(Tagged::new)
}

/// List the decisions on a held answer
///
/// All decisions, oldest first, each with who, when and why, also those that were taken back.
#[utoipa::path(
    tag = "held-responses", operation_id = "listHeldResponseVersions",
    params(("id" = Uuid, Path, description = "Id of the held answer"), Paging),
    security(("oauth2" = [HeldResponsesRead::SCOPE])),
    responses(HeldDecisionRecordPage)
)]
#[get("/held-responses/{id}/versions")]
pub async fn versions(
    actor: Requires<HeldResponsesRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    paging: Paging,
) -> Result<HeldDecisionRecordPage, Error> {
    db.read(async |tx| service::versions(tx, &actor, id.0, &paging).await)
        .await
}
