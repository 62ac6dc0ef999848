//! The outermost layer: a request id, HEAD, problems instead of bare errors, panics caught, one log line.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::FutureExt;
use uuid::Uuid;

use super::problem::{self, Asked};
use crate::platform::error::{Code, Error};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone, Debug)]
struct RequestId(String);

/// The id of this request: the caller's `X-Request-Id` when it is a plain token, else a new UUID.
pub fn request_id(req: &HttpRequest) -> String {
    req.extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default()
}

fn given_or_new(req: &ServiceRequest) -> RequestId {
    let plain = |s: &&str| (1..=64).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let given = req
        .headers()
        .get(REQUEST_ID)
        .and_then(|v| v.to_str().ok())
        .filter(plain);
    RequestId(given.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned))
}

/// Middleware for `actix_web::middleware::from_fn`.
pub async fn manners(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let id = given_or_new(&req);
    req.extensions_mut().insert(id.clone());
    let head = req.method() == Method::HEAD;
    if head {
        // HEAD answers wherever GET does; the HTTP layer leaves the body out.
        req.head_mut().method = Method::GET;
    }
    // The request itself cannot be kept beside the call: actix wants to be its only holder while it routes.
    let mut res = match AssertUnwindSafe(next.call(req)).catch_unwind().await {
        Ok(answer) => answer?.map_into_boxed_body(),
        Err(_panic) => return Err(Error::internal("a handler panicked").into()),
    };
    if let Some(error) = res.response().error() {
        let error = match error.as_error::<Error>() {
            Some(error) => error.clone(),
            None => problem::foreign(error.as_response_error().status_code()),
        };
        let answer = problem::render(&error, &Asked::of(res.request()));
        res = res.into_response(answer);
    }
    finish(&mut res, &id);
    log(head, &res, started);
    Ok(res)
}

/// Headers that every answer has.
fn finish(res: &mut ServiceResponse<BoxBody>, id: &RequestId) {
    let headers = res.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        HeaderName::from_static("api-version"),
        HeaderValue::from_static(env!("CARGO_PKG_VERSION")),
    );
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn log(head: bool, res: &ServiceResponse<BoxBody>, started: Instant) {
    let req = res.request();
    let method = if head { "HEAD" } else { req.method().as_str() };
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::info!(
        target: "iku::access",
        method,
        path = req.path(),
        status = res.status().as_u16(),
        micros,
        request_id = %request_id(req),
    );
}

/// 404 for an unknown path; 405 with `Allow` for a known one. Reads the paths off the contract.
pub async fn fallback(
    req: HttpRequest,
    contract: actix_web::web::Data<super::Contract>,
) -> Result<&'static str, Error> {
    match contract.methods_of(req.path()) {
        Some(allow) => Err(Error {
            allow: Some(allow.to_owned()),
            ..Error::new(Code::MethodNotAllowed)
        }),
        None => Err(Error::not_found()),
    }
}
