//! What the service is compared with: operations that exist only in the server that the benchmarks start. They go
//! through the same middleware, guard, contract and extractors as the API's own, so that a comparison shows nothing but
//! the work of the handler.

use std::sync::Arc;

use actix_web::{HttpResponse, get, post, web};
use chrono::Utc;
use iku::access::Requires;
use iku::access::permissions::{Permission, ResponsesWrite};
use iku::facts::responses::dto::{NewResponse, Response};
use iku::facts::responses::{Acceptance, Outcome, Submission, receive};
use iku::platform::Error;
use iku::platform::db::Db;
use iku::platform::db::versions::Created;
use iku::platform::http::{Body, Path};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub fn configure(c: &mut ServiceConfig) {
    c.service(constant).service(no_store).service(one_transaction);
}

/// 1 KiB of JSON.
static KIBIBYTE: [u8; 1024] = {
    let mut bytes = [b'x'; 1024];
    bytes[0] = b'"';
    bytes[1023] = b'"';
    bytes
};

/// A constant answer of 1 KiB
///
/// For anybody: no token, no query, no computation.
#[utoipa::path(
    tag = "benchmarks", operation_id = "getConstant",
    responses((status = 200, description = "1 KiB", body = String))
)]
#[get("/benchmarks/constant")]
async fn constant() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(&KIBIBYTE[..])
}

/// Read and check an answer, and forget it
///
/// All that `createResponse` does for a caller, but no store.
#[utoipa::path(
    tag = "benchmarks", operation_id = "createNothing",
    params(("id" = Uuid, Path, description = "Id of the survey")), request_body = NewResponse,
    security(("oauth2" = [ResponsesWrite::SCOPE])),
    responses((status = 201, description = "Read", body = Response))
)]
#[post("/benchmarks/no-store/{id}/responses")]
async fn no_store(_who: Requires<ResponsesWrite>, id: Path<Uuid>, body: Body<NewResponse>) -> Created<Response> {
    let NewResponse {
        id: own,
        answers,
        answered_at,
        service,
        village_code,
        respondent,
        comment,
    } = body.0;
    let answer = Response {
        id: own.unwrap_or_else(Uuid::now_v7),
        survey_id: id.0,
        answers,
        answered_at,
        received_at: Utc::now(),
        clock_implausible: false,
        service,
        village_code,
        respondent,
        comment,
    };
    Created::New(answer)
}

/// Store an answer in a transaction of its own
///
/// What `createResponse` would do if answers did not share transactions.
#[utoipa::path(
    tag = "benchmarks", operation_id = "createAlone",
    params(("id" = Uuid, Path, description = "Id of the survey")), request_body = NewResponse,
    security(("oauth2" = [ResponsesWrite::SCOPE])),
    responses((status = 201, description = "Stored", body = Response))
)]
#[post("/benchmarks/one-transaction/{id}/responses")]
async fn one_transaction(
    actor: Requires<ResponsesWrite>,
    db: web::Data<Db>,
    id: Path<Uuid>,
    body: Body<NewResponse>,
) -> Result<Created<Response>, Error> {
    let own = body.0.id.unwrap_or_else(Uuid::now_v7);
    let incoming = Submission::new(id.0, own, body.0, Arc::new((*actor).clone()), Acceptance::OnlyOpen)?;
    match db.write(async |tx| receive(tx, &[incoming]).await).await?.pop() {
        Some(Outcome::Created(row)) => Ok(Created::New((*row).try_into()?)),
        Some(Outcome::Refused(error)) => Err(error),
        other => Err(Error::internal(format!("{other:?}"))),
    }
}
