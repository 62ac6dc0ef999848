//! Turns every error into a problem (RFC 9457): errors of the service and of the framework, and panics.

use std::panic::AssertUnwindSafe;

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::test::TestRequest;
use futures_util::FutureExt;

use crate::platform::error::Error;
use crate::platform::http::middleware::compression::merge_vary;
use crate::platform::http::problem;
use crate::platform::http::request_context::RequestContext;

/// Replaces the body of every error response by a problem. The headers that other middleware has set stay.
pub async fn problems(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let context = RequestContext::of(req.request())?;
    let (req, response, error) = match next.call(req).await {
        Ok(res) => {
            let (req, response) = res.into_parts();
            // A page with a form shows its faults itself.
            let is_shown = context.page.is_some() && is_html(response.headers());
            match error_of(&response).filter(|_| !is_shown) {
                Some(error) => (req, response.map_into_boxed_body(), error),
                None => return Ok(ServiceResponse::new(req, response.map_into_boxed_body())),
            }
        }
        // A panic has destroyed the request, and a response needs a request: an empty request replaces it.
        Err(error) => {
            let req = TestRequest::default().to_http_request();
            (req, error.error_response(), known(&error))
        }
    };
    let mut problem = match context.page {
        Some(pages) => (pages.problem)(&error, &context),
        None => problem::render(&error, &context),
    };
    add_missing(problem.headers_mut(), response.headers());
    Ok(ServiceResponse::new(req, problem))
}

/// Turns a panic into an error. It is the innermost middleware, so the others get an ordinary error.
pub async fn catch_panics(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let called = AssertUnwindSafe(next.call(req)).catch_unwind().await;
    called.unwrap_or_else(|_| Err(Error::internal("a handler panicked").into()))
}

fn is_html(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE);
    media.is_some_and(|media| media.as_bytes().starts_with(b"text/html"))
}

/// Returns the error of a response that is not a problem yet.
fn error_of<B>(response: &HttpResponse<B>) -> Option<Error> {
    if let Some(error) = response.error() {
        return Some(known(error));
    }
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    is_error.then(|| problem::from_status(status))
}

fn known(error: &actix_web::Error) -> Error {
    let own = error.as_error::<Error>().cloned();
    own.unwrap_or_else(|| problem::from_status(error.as_response_error().status_code()))
}

/// Adds the headers that the problem does not set itself. `Vary` names the headers of both.
fn add_missing(headers: &mut HeaderMap, others: &HeaderMap) {
    let own = headers.clone();
    for (name, value) in others {
        let is_of_the_old_body = *name == header::CONTENT_ENCODING || *name == header::ETAG;
        if *name == header::VARY || !(is_of_the_old_body || own.contains_key(name)) {
            headers.append(name.clone(), value.clone());
        }
    }
    merge_vary(headers);
}
