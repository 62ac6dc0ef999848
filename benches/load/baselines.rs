//! The baselines: operations that exist only in the server of the benchmarks. They use the same middleware, guard,
//! contract and extractors as the API's own operations, so a comparison shows the work of the handler alone.

use std::sync::Arc;

use actix_web::{HttpResponse, get, post, web};
use chrono::Utc;
use iku::access::Requires;
use iku::access::permissions::{Permission, ReportsRead, ResponsesWrite};
use iku::facts::responses::dto::{NewResponse, Response, ResponseMode};
use iku::facts::responses::{Acceptance, Outcome, Quotas, Submission, receive};
use iku::platform::Error;
use iku::platform::db::Db;
use iku::platform::db::versions::Created;
use iku::platform::http::{Body, Path};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub fn configure(c: &mut ServiceConfig) {
    c.service(constant)
        .service(constant_with_token)
        .service(no_store)
        .service(one_transaction);
}

const NO_QUOTAS: Quotas = Quotas {
    held: u32::MAX,
    daily: u32::MAX,
};

/// 1 KiB of JSON.
static KIBIBYTE: [u8; 1024] = {
    let mut bytes = [b'x'; 1024];
    bytes[0] = b'"';
    bytes[1023] = b'"';
    bytes
};

/// A constant response of 1 KiB
///
/// Public: no token, no query, no computation.
#[utoipa::path(
    tag = "benchmarks", operation_id = "getConstant",
    responses((status = 200, description = "1 KiB", body = String))
)]
#[get("/benchmarks/constant")]
async fn constant() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(&KIBIBYTE[..])
}

/// A constant answer of 1 KiB to a caller with a token
///
/// No query, no computation.
#[utoipa::path(
    tag = "benchmarks", operation_id = "getConstantWithToken", security(("oauth2" = [ReportsRead::SCOPE])),
    responses((status = 200, description = "1 KiB", body = String))
)]
#[get("/benchmarks/constant-with-token")]
async fn constant_with_token(_actor: Requires<ReportsRead>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(&KIBIBYTE[..])
}

/// Read and check an answer, and store nothing
///
/// Does what `createResponse` does, but does not store the answer.
#[utoipa::path(
    tag = "benchmarks", operation_id = "createNothing",
    params(("id" = Uuid, Path, description = "Id of the survey")), request_body = NewResponse,
    security(("oauth2" = [ResponsesWrite::SCOPE])),
    responses((status = 201, description = "Read", body = Response))
)]
#[post("/benchmarks/no-store/{id}/responses")]
async fn no_store(_actor: Requires<ResponsesWrite>, id: Path<Uuid>, body: Body<NewResponse>) -> Created<Response> {
    let NewResponse {
        id: own,
        answers,
        answered_at,
        service,
        village_code,
        respondent,
        comment,
        mode,
    } = body.0;
    let answer = Response {
        id: own.unwrap_or_else(Uuid::now_v7),
        survey_id: id.0,
        answers,
        answered_at,
        received_at: Utc::now(),
        mode: mode.unwrap_or(ResponseMode::Device),
        flags: Vec::new(),
        clock_implausible: false,
        service,
        village_code,
        respondent,
        comment,
        void: None,
        counted_from: None,
    };
    Created::New(answer)
}

/// Store an answer in a transaction of its own
///
/// Does what `createResponse` would do if answers did not share transactions.
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
    match db
        .write(async |tx| receive(tx, NO_QUOTAS, &[incoming]).await)
        .await?
        .pop()
    {
        Some(Outcome::Created(row)) => Ok(Created::New((*row).try_into()?)),
        Some(Outcome::Refused(error)) => Err(error),
        other => Err(Error::internal(format!("{other:?}"))),
    }
}
