//! The operations on answers.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use uuid::Uuid;

use super::dto::{NewResponse, Response, ResponseFilter, ResponsePage};
use super::queue::WriteQueue;
use super::service;
use crate::access::Requires;
use crate::access::permissions::{Permission, ResponsesRead, ResponsesWrite};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, ETag, IfMatch, Paging, Path, Query, reply};

/// An answer never changes: its receipt is its version.
fn tag(answer: &Response) -> ETag {
    ETag::at(answer.received_at)
}

/// List the answers of a survey
///
/// Those that count, the newest first. Voided ones are kept, but not shown.
#[utoipa::path(
    tag = "responses", operation_id = "listResponses",
    params(("id" = Uuid, Path, description = "Id of the survey"), ResponseFilter, Paging),
    security(("oauth2" = [ResponsesRead::SCOPE])),
    responses((status = 200, description = "One page of answers", body = ResponsePage))
)]
#[get("/surveys/{id}/responses")]
pub async fn list(
    actor: Requires<ResponsesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
    filter: Query<ResponseFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::list(tx, &actor, id.0, &filter.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// Send an answer
///
/// The survey must be open. With an `id` of your own, sending the same answer again is always safe: it answers 200,
/// also after the survey was closed. Dates never refuse an answer.
#[utoipa::path(
    tag = "responses", operation_id = "createResponse",
    params(("id" = Uuid, Path, description = "Id of the survey")), request_body = NewResponse,
    security(("oauth2" = [ResponsesWrite::SCOPE])),
    responses(
        (status = 201, description = "Stored", body = Response, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was stored before by the same request", body = Response, headers(("ETag" = String, description = "Strong entity tag"))),
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
) -> Result<HttpResponse, Error> {
    let created = service::create(&queue, &actor, id.0, body.0).await?;
    let place = |r: &Response| format!("/v1/surveys/{}/responses/{}", r.survey_id, r.id);
    Ok(reply::created(created, place, tag))
}

/// Get an answer
///
/// One answer that counts; a voided one is a 404.
#[utoipa::path(
    tag = "responses", operation_id = "getResponse",
    params(
        ("id" = Uuid, Path, description = "Id of the survey"),
        ("response_id" = Uuid, Path, description = "Id of the answer")
    ),
    security(("oauth2" = [ResponsesRead::SCOPE])),
    responses((status = 200, description = "The answer", body = Response, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/surveys/{id}/responses/{response_id}")]
pub async fn get(
    actor: Requires<ResponsesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    path: Path<(Uuid, Uuid)>,
) -> Result<HttpResponse, Error> {
    let (survey, id) = path.0;
    let answer = db.read(async |tx| service::get(tx, &actor, survey, id).await).await?;
    Ok(reply::one(&req, &tag(&answer), &answer))
}

/// Void an answer
///
/// For an answer that is false: it is kept with the reason, and no longer counted. Officers of the section only.
#[utoipa::path(
    tag = "responses", operation_id = "deleteResponse",
    params(
        ("id" = Uuid, Path, description = "Id of the survey"),
        ("response_id" = Uuid, Path, description = "Id of the answer"),
        DeleteReason, IfMatch
    ),
    security(("oauth2" = [ResponsesWrite::SCOPE])),
    responses((status = 204, description = "Voided"))
)]
#[delete("/surveys/{id}/responses/{response_id}")]
pub async fn delete(
    actor: Requires<ResponsesWrite>,
    db: web::Data<Db>,
    path: Path<(Uuid, Uuid)>,
    why: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let (survey, id) = path.0;
    db.write(async |tx| service::void(tx, &actor, survey, id, &if_match, why.0.reason).await)
        .await?;
    Ok(reply::gone())
}
