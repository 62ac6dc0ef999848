//! The operations on many answers.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};

use super::dto::{BatchOutcome, ResponseBatch, ResponseIds, ResponseStatuses};
use super::service::{self, Batch};
use crate::access::RequiresAny;
use crate::access::permissions::{Permission, ResponsesQuarantine, ResponsesWrite};
use crate::facts::responses::queue::WriteQueue;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{BatchBody, Body, ContentEncoding, Contract};
use crate::platform::text::Lang;

/// Send many answers
///
/// For phones that collect without a network: up to 500 answers, at most 1 MiB, also when compressed by gzip. Every item
/// has an outcome of its own, in the order sent, and a bad one never holds back the others. Send a batch again whenever
/// its answer did not arrive, whole, in parts or in another order: an answer is stored once under its `id`, for ever.
///
/// A phone forgets what is `created`, `already_stored`, `conflict`, `rejected` or `quarantined`, and keeps what is
/// `deferred`. It also keeps everything when the request fails as a whole, and sends it again: half as much after a 413,
/// `Retry-After` seconds later after a 429 or 503. With the scope `responses:quarantine` alone, that of a revoked device,
/// all new answers are quarantined.
#[utoipa::path(
    tag = "responses", operation_id = "createResponses", params(ContentEncoding), request_body = ResponseBatch,
    security(("oauth2" = [ResponsesWrite::SCOPE]), ("oauth2" = [ResponsesQuarantine::SCOPE])),
    responses(
        (status = 207, description = "What became of each item", body = BatchOutcome),
        (status = 400, description = "The envelope breaks the contract; what is wrong inside an item never is a 400"),
        (status = 413, description = "More than 1 MiB, before or after decompression: send half as much"),
        (status = 415, description = "Neither JSON nor gzipped JSON"),
    )
)]
#[post("/responses/batch")]
pub async fn create(
    actor: RequiresAny<ResponsesWrite, ResponsesQuarantine>,
    req: HttpRequest,
    (db, queue): (web::Data<Db>, web::Data<WriteQueue>),
    contract: web::Data<Contract>,
    body: BatchBody<ResponseBatch>,
) -> Result<HttpResponse, Error> {
    let received_at = db.clock().now();
    let (batch, submissions) = Batch::open(&actor, body.0, &contract);
    let outcomes = queue.receive(submissions).await?;
    let answer = batch.respond(received_at, outcomes, Lang::of(req.headers()));
    Ok(HttpResponse::build(StatusCode::MULTI_STATUS).json(answer))
}

/// Ask which answers are stored
///
/// For a phone that lost an answer of the service and wants to save bytes: known ones need not be sent again.
#[utoipa::path(
    tag = "responses", operation_id = "getResponseStatus", request_body = ResponseIds,
    security(("oauth2" = [ResponsesWrite::SCOPE]), ("oauth2" = [ResponsesQuarantine::SCOPE])),
    responses((status = 200, description = "Known or not, in the order asked", body = ResponseStatuses))
)]
#[post("/responses/status")]
pub async fn status(
    actor: RequiresAny<ResponsesWrite, ResponsesQuarantine>,
    db: web::Data<Db>,
    body: Body<ResponseIds>,
) -> Result<HttpResponse, Error> {
    let results = db
        .read(async |tx| service::status(tx, &actor, &body.0.ids).await)
        .await?;
    Ok(HttpResponse::Ok().json(ResponseStatuses { results }))
}
