//! The operations on many answers.

use actix_web::{HttpRequest, post, web};

use super::dto::{BatchOutcome, ResponseBatch, ResponseIds, ResponseStatuses};
use super::service::{self, Batch};
use crate::access::RequiresAny;
use crate::access::permissions::{Permission, ResponsesQuarantine, ResponsesWrite};
use crate::facts::responses::queue::WriteQueue;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{BatchBody, Body, ContentEncoding, Contract, Json};
use crate::platform::text::Lang;

/// Send many answers
///
/// For phones that collect without a network: up to 500 answers and at most 1 MiB, before and after gzip. Every item has
/// its own outcome, in the order sent, and a bad item does not stop the others. Only a wrong survey, id or score, or too few
/// scores, make an item `rejected`; any other member that is wrong or unknown is left out and named in `ignored`. If the response does not arrive, send the
/// batch again, whole, in parts or in another order: an answer is stored only once under its `id`.
///
/// A phone deletes its copy of answers that are `created`, `already_stored`, `conflict`, `rejected` or `quarantined`, and
/// keeps `deferred` answers. If the whole request fails, the phone keeps all answers and sends them again: half as many
/// after a 413, and `Retry-After` seconds later after a 429 or 503. A revoked device has only the scope
/// `responses:quarantine`; all its new answers are quarantined.
#[utoipa::path(
    tag = "responses", operation_id = "createResponses", params(ContentEncoding), request_body = ResponseBatch,
    security(("oauth2" = [ResponsesWrite::SCOPE]), ("oauth2" = [ResponsesQuarantine::SCOPE])),
    responses(
        Json<BatchOutcome, 207>,
        (status = 400, description = "The batch breaks the contract; errors inside an item are never a 400"),
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
) -> Result<Json<BatchOutcome, 207>, Error> {
    let received_at = db.clock().now();
    let (batch, submissions) = Batch::open(&actor, body.0, &contract, received_at);
    let outcomes = queue.receive(submissions).await?;
    Ok(Json(batch.respond(received_at, outcomes, Lang::of(req.headers()))))
}

/// Ask which answers are stored
///
/// For a phone that lost a response of the service and saves bytes: it need not send known answers again.
#[utoipa::path(
    tag = "responses", operation_id = "getResponseStatus", request_body = ResponseIds,
    security(("oauth2" = [ResponsesWrite::SCOPE]), ("oauth2" = [ResponsesQuarantine::SCOPE])),
    responses(Json<ResponseStatuses>)
)]
#[post("/responses/status")]
pub async fn status(
    actor: RequiresAny<ResponsesWrite, ResponsesQuarantine>,
    db: web::Data<Db>,
    body: Body<ResponseIds>,
) -> Result<Json<ResponseStatuses>, Error> {
    let results = db
        .read(async |tx| service::status(tx, &actor, &body.0.ids).await)
        .await?;
    Ok(Json(ResponseStatuses { results }))
}
