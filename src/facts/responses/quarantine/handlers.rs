//! The operations on held answers.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use uuid::Uuid;

use super::dto::{HeldDecision, HeldDecisionReason, HeldResponse, HeldResponseFilter, HeldResponsePage};
use super::service;
use crate::access::Requires;
use crate::access::permissions::{HeldResponsesRead, HeldResponsesWrite, Permission};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Body, Paging, Path, Query, reply};

/// List held answers
///
/// Answers that wait for a decision or have got one, the newest first.
#[utoipa::path(
    tag = "held-responses", operation_id = "listHeldResponses", params(HeldResponseFilter, Paging),
    security(("oauth2" = [HeldResponsesRead::SCOPE])),
    responses((status = 200, description = "One page of held answers", body = HeldResponsePage))
)]
#[get("/held-responses")]
pub async fn list(
    actor: Requires<HeldResponsesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<HeldResponseFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// Get a held answer
///
/// The answer as it was sent, why it is held, and what was decided.
#[utoipa::path(
    tag = "held-responses", operation_id = "getHeldResponse",
    params(("id" = Uuid, Path, description = "Id of the held answer")),
    security(("oauth2" = [HeldResponsesRead::SCOPE])),
    responses((status = 200, description = "The held answer", body = HeldResponse, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/held-responses/{id}")]
pub async fn get(
    actor: Requires<HeldResponsesRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Error> {
    let held = db.read(async |tx| service::get(tx, &actor, id.0).await).await?;
    Ok(reply::one(&req, &held.tag(), &held))
}

/// Release a held answer
///
/// It counts from now on: the values of today change, those of an earlier `as_of` do not. A quarantined answer keeps its
/// id; one whose id was taken becomes an answer under a new id. Officers of the survey's section only. Releasing again
/// answers the same.
#[utoipa::path(
    tag = "held-responses", operation_id = "releaseHeldResponse",
    params(("id" = Uuid, Path, description = "Id of the held answer")), request_body = HeldDecisionReason,
    security(("oauth2" = [HeldResponsesWrite::SCOPE])),
    responses(
        (status = 200, description = "Released, now or before", body = HeldResponse, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "It was discarded, or its survey is a draft"),
        (status = 422, description = "It was kept aside unjudged, and has too few answers or an unknown village"),
    )
)]
#[post("/held-responses/{id}/release")]
pub async fn release(
    actor: Requires<HeldResponsesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<HeldDecisionReason>,
) -> Result<HttpResponse, Error> {
    let held = db
        .write(async |tx| service::decide(tx, &actor, id.0, HeldDecision::Released, body.0.reason).await)
        .await?;
    Ok(reply::changed(&held.tag(), &held))
}

/// Discard a held answer
///
/// It is kept and never counts. Officers of the survey's section only. Discarding again answers the same.
#[utoipa::path(
    tag = "held-responses", operation_id = "discardHeldResponse",
    params(("id" = Uuid, Path, description = "Id of the held answer")), request_body = HeldDecisionReason,
    security(("oauth2" = [HeldResponsesWrite::SCOPE])),
    responses(
        (status = 200, description = "Discarded, now or before", body = HeldResponse, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "It was released"),
    )
)]
#[post("/held-responses/{id}/discard")]
pub async fn discard(
    actor: Requires<HeldResponsesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<HeldDecisionReason>,
) -> Result<HttpResponse, Error> {
    let held = db
        .write(async |tx| service::decide(tx, &actor, id.0, HeldDecision::Discarded, body.0.reason).await)
        .await?;
    Ok(reply::changed(&held.tag(), &held))
}
