//! The operations on answers.

use actix_web::{delete, get, post, web};
use uuid::Uuid;

use super::dto::{NewResponse, Response, ResponseFilter, ResponsePage};
use super::queue::WriteQueue;
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, ResponsesRead, ResponsesWrite};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, IfMatch, NoContent, Paging, Path, Query, Tagged};

/// List the answers of a survey
///
/// The answers that count, newest first. Voided answers are stored, but not listed.
#[utoipa::path(
    tag = "responses", operation_id = "listResponses",
    params(("id" = Uuid, Path, description = "Id of the survey"), ResponseFilter, Paging),
    security(("oauth2" = [ResponsesRead::SCOPE])),
    responses(ResponsePage)
)]
#[get("/surveys/{id}/responses")]
pub async fn list(
    actor: Requires<ResponsesRead>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    filter: Query<ResponseFilter>,
    paging: Query<Paging>,
) -> Result<ResponsePage, Error> {
    db.read(async |tx| service::list(tx, &actor, id.0, &filter.0, &paging.0).await)
        .await
}

/// Send an answer
///
/// The survey must be open. With an `id` of your own a retry is always safe: it returns 200, also after the survey was
/// closed. No date is a reason to refuse an answer.
#[utoipa::path(
    tag = "responses", operation_id = "createResponse",
    params(("id" = Uuid, Path, description = "Id of the survey")), request_body = NewResponse,
    security(("oauth2" = [ResponsesWrite::SCOPE])),
    responses(
        Created<Response>,
        (status = 409, description = "The survey is not open, or the id is taken"),
        (status = 422, description = "Too few answers, or an unknown village"),
    )
)]
#[post("/surveys/{id}/responses")]
pub async fn create(
    actor: Requires<ResponsesWrite>,
    queue: web::Data<WriteQueue>,
    id: Path<Uuid>,
    body: Body<NewResponse>,
) -> Result<Created<Response>, Error> {
    service::create(&queue, &actor, id.0, body.0).await
}

/// Get an answer
///
/// An answer that counts; a voided answer is a 404.
#[utoipa::path(
    tag = "responses", operation_id = "getResponse",
    params(
        ("id" = Uuid, Path, description = "Id of the survey"),
        ("response_id" = Uuid, Path, description = "Id of the answer")
    ),
    security(("oauth2" = [ResponsesRead::SCOPE])),
    responses(Tagged<Response>)
)]
#[get("/surveys/{id}/responses/{response_id}")]
pub async fn get(
    actor: Requires<ResponsesRead>,
    db: web::Data<Db>,
    path: Path<(Uuid, Uuid)>,
) -> Result<Tagged<Response>, Error> {
    let (survey, id) = path.0;
    db.read(async |tx| service::get(tx, &actor, survey, id).await)
        .await
        .map(Tagged::new)
}

/// Void an answer
///
/// For a false answer: it stays stored with the reason, and no longer counts. Only officers of the section can do this.
#[utoipa::path(
    tag = "responses", operation_id = "deleteResponse",
    params(
        ("id" = Uuid, Path, description = "Id of the survey"),
        ("response_id" = Uuid, Path, description = "Id of the answer"),
        DeleteReason, IfMatch
    ),
    security(("oauth2" = [ResponsesWrite::SCOPE])),
    responses(NoContent)
)]
#[delete("/surveys/{id}/responses/{response_id}")]
pub async fn delete(
    actor: Requires<ResponsesWrite>,
    db: web::Data<Db>,
    path: Path<(Uuid, Uuid)>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<NoContent, Error> {
    let (survey, id) = path.0;
    db.write(async |tx| service::void(tx, &actor, survey, id, &if_match, reason.0.reason).await)
        .await?;
    Ok(NoContent)
}
