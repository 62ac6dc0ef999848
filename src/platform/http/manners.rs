//! The outermost layer: ids, limits, HEAD, problems instead of bare errors, panics caught, one log line.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, web};
use futures_util::FutureExt;

use super::Contract;
use super::front::Front;
use super::problem;
use super::visit::Visit;
use crate::platform::error::{Code, Error};
use crate::platform::{metrics, trace};

/// Middleware for `actix_web::middleware::from_fn`.
pub async fn manners(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let visit = Visit::begin(&req);
    trace::on_behalf_of(Arc::clone(&visit.ids), answer(req, next, visit)).await
}

async fn answer(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    visit: Rc<Visit>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let front = req.app_data::<web::Data<Front>>().cloned();
    let front = front.ok_or_else(|| Error::internal("no front in the app"))?;
    if req.method() == Method::HEAD {
        // HEAD answers wherever GET does; the HTTP layer leaves the body out.
        req.head_mut().method = Method::GET;
    }
    // The request itself cannot be kept beside the call: actix wants to be its only holder while it routes.
    let mut res = if let Some(preflight) = front.cors.preflight(req.method(), req.headers()) {
        req.into_response(preflight)
    } else if let Err(refused) = refused(&req, &front, &visit) {
        checked(req.error_response(refused).map_into_boxed_body(), &front, &visit)
    } else {
        match AssertUnwindSafe(next.call(req)).catch_unwind().await {
            Ok(Ok(res)) => checked(res.map_into_boxed_body(), &front, &visit),
            Ok(Err(error)) => {
                let status = error.as_response_error().status_code();
                return Err(without_request(&problem::foreign(status), &front, &visit));
            }
            Err(_panic) => {
                let error = Error::internal("a handler panicked");
                return Err(without_request(&error, &front, &visit));
            }
        }
    };
    if let Some(error) = error_of(&res) {
        res = res.into_response(problem::render(&error, &visit.asked()));
    }
    front.finish(&visit, res.headers_mut());
    announce(&mut res);
    record(&visit, res.request().match_pattern(), res.status());
    Ok(res)
}

/// What ends a request before it is routed: a limit, or a method that its path does not have.
fn refused(req: &ServiceRequest, front: &Front, visit: &Visit) -> Result<(), Error> {
    front.limits.before(req, visit)?;
    let contract = req.app_data::<web::Data<Contract>>();
    let refused = contract.and_then(|c| c.refuses(req.method().as_str(), req.match_info().as_str()));
    refused.map_or(Ok(()), Err)
}

/// An answer, or the one to a caller who turns out to have asked too much.
fn checked(res: ServiceResponse<BoxBody>, front: &Front, visit: &Visit) -> ServiceResponse<BoxBody> {
    match front.limits.after(res.request(), visit) {
        Ok(()) => res,
        Err(error) => res.error_response(error),
    }
}

/// The whole answer to a request that is no longer at hand.
fn without_request(error: &Error, front: &Front, visit: &Visit) -> actix_web::Error {
    let mut res = problem::render(error, &visit.asked());
    front.finish(visit, res.headers_mut());
    record(visit, None, res.status());
    InternalError::from_response(error.clone(), res).into()
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

/// Counts the answer, and writes the one line.
fn record(visit: &Visit, route: Option<String>, status: StatusCode) {
    let elapsed: Duration = visit.started.elapsed();
    metrics::METRICS.count(&visit.method, route, status, elapsed);
    tracing::info!(
        target: "iku::access",
        method = visit.method.as_str(),
        path = visit.path(),
        status = status.as_u16(),
        micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
    );
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
