//! The outermost layer: a request id, limits, HEAD, problems instead of bare errors, panics caught, one log line.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, web};
use futures_util::FutureExt;
use uuid::Uuid;

use super::Contract;
use super::front::Front;
use super::problem::{self, Asked};
use super::visit::Visit;
use crate::platform::error::{Code, Error};
use crate::platform::metrics;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of this request.
pub fn request_id(req: &HttpRequest) -> String {
    Visit::of(req).map(|v| v.request_id.clone()).unwrap_or_default()
}

/// The caller's `X-Request-Id` when it is a plain token, else a new UUID.
fn given_or_new(req: &ServiceRequest) -> String {
    let plain = |s: &&str| (1..=64).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let given = req
        .headers()
        .get(REQUEST_ID)
        .and_then(|v| v.to_str().ok())
        .filter(plain);
    given.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}

/// Middleware for `actix_web::middleware::from_fn`.
pub async fn manners(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let visit = Visit::new(given_or_new(&req), Instant::now());
    req.extensions_mut().insert(Rc::clone(&visit));
    let head = req.method() == Method::HEAD;
    if head {
        // HEAD answers wherever GET does; the HTTP layer leaves the body out.
        req.head_mut().method = Method::GET;
    }
    // The request itself cannot be kept beside the call: actix wants to be its only holder while it routes.
    let mut res = match refused(&req, &visit) {
        Err(refused) => req.error_response(refused).map_into_boxed_body(),
        Ok(()) => match AssertUnwindSafe(next.call(req)).catch_unwind().await {
            Ok(answer) => answer?.map_into_boxed_body(),
            Err(_panic) => return Err(Error::internal("a handler panicked").into()),
        },
    };
    let front = res.request().app_data::<web::Data<Front>>().cloned();
    let one_too_many = front.as_ref().and_then(|f| f.limits.after(res.request(), &visit).err());
    if let Some(error) = one_too_many.or_else(|| error_of(&res)) {
        let answer = problem::render(&error, &Asked::of(res.request()));
        res = res.into_response(answer);
    }
    finish(&mut res, &visit);
    if let Some(front) = front {
        front.limits.tell(&visit, res.headers_mut());
    }
    announce(&mut res);
    let method = if head { &Method::HEAD } else { res.request().method() };
    let elapsed = visit.started.elapsed();
    metrics::METRICS.count(method, res.request().match_pattern(), res.status(), elapsed);
    log(method, &res, elapsed);
    Ok(res)
}

/// What ends a request before it is routed: a limit, or a method that its path does not have.
fn refused(req: &ServiceRequest, visit: &Visit) -> Result<(), Error> {
    if let Some(front) = req.app_data::<web::Data<Front>>() {
        front.limits.before(req, visit)?;
    }
    let contract = req.app_data::<web::Data<Contract>>();
    let refused = contract.and_then(|c| c.refuses(req.method().as_str(), req.path()));
    refused.map_or(Ok(()), Err)
}

/// The error behind an answer that is not a problem yet: ours, or the framework's own.
fn error_of(res: &ServiceResponse<BoxBody>) -> Option<Error> {
    if let Some(error) = res.response().error() {
        return Some(match error.as_error::<Error>() {
            Some(error) => error.clone(),
            None => problem::foreign(error.as_response_error().status_code()),
        });
    }
    let status = res.status();
    let is_problem = |v: &HeaderValue| v.as_bytes().starts_with(b"application/problem+json");
    let bare = (status.is_client_error() || status.is_server_error())
        && !res.headers().get(header::CONTENT_TYPE).is_some_and(is_problem);
    bare.then(|| problem::foreign(status))
}

/// Headers that every answer has.
fn finish(res: &mut ServiceResponse<BoxBody>, visit: &Visit) {
    let headers = res.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&visit.request_id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        HeaderName::from_static("api-version"),
        HeaderValue::from_static(env!("CARGO_PKG_VERSION")),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let by_default = [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ];
    for (name, value) in by_default {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// The notices of operations that will go.
fn announce(res: &mut ServiceResponse<BoxBody>) {
    let req = res.request();
    let said = req
        .app_data::<web::Data<Contract>>()
        .map(|contract| contract.notices().headers(req));
    for (name, value) in said.into_iter().flatten() {
        res.headers_mut().append(name, value);
    }
}

fn log(method: &Method, res: &ServiceResponse<BoxBody>, elapsed: Duration) {
    let req = res.request();
    tracing::info!(
        target: "iku::access",
        method = method.as_str(),
        path = req.path(),
        status = res.status().as_u16(),
        micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        request_id = %request_id(req),
        trace_id = trace_id(req),
    );
}

/// The trace that the caller's `traceparent` (W3C Trace Context) names.
fn trace_id(req: &HttpRequest) -> Option<&str> {
    let given = req.headers().get("traceparent")?.to_str().ok()?;
    let mut parts = given.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let hex = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let good = version.len() == 2 && hex(version) && trace.len() == 32 && hex(trace);
    (good && trace.bytes().any(|b| b != b'0')).then_some(trace)
}

/// 404 for an unknown path; 405 with `Allow` for a known one. Reads the paths off the contract.
pub async fn fallback(req: HttpRequest, contract: web::Data<Contract>) -> Result<&'static str, Error> {
    match contract.methods_of(req.path()) {
        Some(allow) => Err(Error {
            allow: Some(allow.to_owned()),
            ..Error::new(Code::MethodNotAllowed)
        }),
        None => Err(Error::not_found()),
    }
}
