//! The operations on answers.

use actix_web::{delete, get, post, web};
use uuid::Uuid;

use super::counted_spans::CountedSpanPage;
use super::dto::{NewResponse, Response, ResponseFilter, ResponsePage, StateOfResponse};
use super::queue::WriteQueue;
use super::{lifecycle, service};
use crate::access::Requires;
use crate::access::permissions::{Permission, ResponsesRead, ResponsesWrite};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, IfMatch, NoContent, Paging, Path, Query, Restoration, Tagged};

/// List the answers of a survey
///
/// The answers that count, newest first; with `state=voided` those that were voided, each with who, when and why. `restored=true`
/// finds those that were void before.
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
    paging: Paging,
) -> Result<ResponsePage, Error> {
    db.read(async |tx| service::list(tx, &actor, id.0, &filter.0, &paging).await)
        .await
}

/// Send an answer
///
/// The survey must be open. With an `id` of your own a retry is always safe: it returns 200, also after the survey was
/// closed. An answer is never refused because of its date. A phone that has used up its answers of the day gets 429
/// `device_quota` and keeps the answer.
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
/// An answer that counts; with `state=voided` an answer that was voided. Otherwise a voided answer is a 404.
#[utoipa::path(
    tag = "responses", operation_id = "getResponse",
    params(
        ("id" = Uuid, Path, description = "Id of the survey"),
        ("response_id" = Uuid, Path, description = "Id of the answer"), StateOfResponse
    ),
    security(("oauth2" = [ResponsesRead::SCOPE])),
    responses(Tagged<Response>)
)]
#[get("/surveys/{id}/responses/{response_id}")]
pub async fn get(
    actor: Requires<ResponsesRead>,
    db: web::Data<Db>,
    path: Path<(Uuid, Uuid)>,
    query: Query<StateOfResponse>,
) -> Result<Tagged<Response>, Error> {
    let (survey, id) = path.0;
    let state = query.0.state.unwrap_or_default();
    db.read(async |tx| service::get(tx, &actor, survey, id, state).await)
        .await
        .map(Tagged::new)
}

/// Void an answer
///
/// For a false answer: it stays stored with the reason, can be read with `state=voided`, and no longer counts. Only officers
/// of the section can do this.
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
    db.write(async |tx| lifecycle::void(tx, &actor, survey, id, &if_match, reason.0.reason).await)
        .await?;
    Ok(NoContent)
}

/// Restore a voided answer
///
/// It counts again, from now on: values of an earlier `as_of` do not change. Only officers of the section can do this.
#[utoipa::path(
    tag = "responses", operation_id = "restoreResponse", request_body = Restoration,
    params(
        ("id" = Uuid, Path, description = "Id of the survey"),
        ("response_id" = Uuid, Path, description = "Id of the answer")
    ),
    security(("oauth2" = [ResponsesWrite::SCOPE])),
    responses(
        Tagged<Response>,
        (status = 409, description = "It is not void"),
    )
)]
#[post("/surveys/{id}/responses/{response_id}/restorations")]
pub async fn restore(
    actor: Requires<ResponsesWrite>,
    db: web::Data<Db>,
    path: Path<(Uuid, Uuid)>,
    body: Body<Restoration>,
) -> Result<Tagged<Response>, Error> {
    let (survey, id) = path.0;
    db.write(async |tx| lifecycle::restore(tx, &actor, survey, id, &body.0.reason).await)
        .await
        .map(Tagged::new)
}

/// List the spans in which an answer counted
///
/// All spans, oldest first, each with who voided the answer, when and why, and who restored it. An answer that was never void has
/// one.
#[utoipa::path(
    tag = "responses", operation_id = "listResponseVersions",
    params(
        ("id" = Uuid, Path, description = "Id of the survey"),
        ("response_id" = Uuid, Path, description = "Id of the answer"), Paging
    ),
    security(("oauth2" = [ResponsesRead::SCOPE])),
    responses(CountedSpanPage)
)]
#[get("/surveys/{id}/responses/{response_id}/versions")]
pub async fn versions(
    actor: Requires<ResponsesRead>,
    db: web::Data<Db>,
    path: Path<(Uuid, Uuid)>,
    paging: Paging,
) -> Result<CountedSpanPage, Error> {
    let (survey, id) = path.0;
    db.read(async |tx| service::versions(tx, &actor, survey, id, &paging).await)
        .await
}
