//! Counts each request once, and refuses it when its caller has sent too many requests.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::web;

use crate::platform::error::{Code, Error};
use crate::platform::http::limits::{Class, RateLimiter, whole_seconds};
use crate::platform::http::request_context::RequestContext;
use crate::platform::text::quantity;

/// Must run after the authentication: a caller with a valid token is counted by its account, all others by address. A read
/// with `If-None-Match` counts in a class of its own, and among the reads only if its response is not a 304.
pub async fn rate_limit<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let context = RequestContext::of(req.request())?;
    let limiter = req.app_data::<web::Data<RateLimiter>>().cloned();
    let Some(mut state) = limiter.as_ref().and_then(|l| l.count(&req, &context)) else {
        return Ok(next.call(req).await?.map_into_left_body());
    };
    let is_revalidation = state.class == Class::Revalidations;
    let mut res = match state.wait {
        Some(wait) => Ok(req.error_response(too_many(whole_seconds(wait))).map_into_right_body()),
        None => next.call(req).await.map(ServiceResponse::map_into_left_body),
    };
    let found_same = res.as_ref().is_ok_and(|res| res.status() == StatusCode::NOT_MODIFIED);
    if is_revalidation
        && state.wait.is_none()
        && !found_same
        && let Some(read) = limiter.and_then(|l| l.count_read(&context))
    {
        state = read;
        res = match (res, state.wait) {
            (Ok(res), Some(wait)) => {
                let (req, _) = res.into_parts();
                Ok(ServiceResponse::from_err(too_many(whole_seconds(wait)), req).map_into_right_body())
            }
            (res, _) => res,
        };
    }
    match res {
        Ok(mut res) => {
            state.apply_headers(res.headers_mut());
            Ok(res)
        }
        Err(mut error) => {
            error.add_response_mapper(move |mut response| {
                state.apply_headers(response.headers_mut());
                response
            });
            Err(error)
        }
    }
}

pub fn too_many(seconds: u64) -> Error {
    Error {
        retry_after: Some(seconds),
        ..Error::new(Code::TooManyRequests).detail(
            format!("Coba lagi setelah {seconds} detik."),
            format!("Try again after {}.", quantity(seconds, "second")),
        )
    }
}
