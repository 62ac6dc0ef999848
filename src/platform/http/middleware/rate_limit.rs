//! Counts each request once, and refuses it when its caller has sent too many.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web;

use crate::platform::error::{Code, Error};
use crate::platform::http::limits::{RateLimiter, whole_seconds};
use crate::platform::http::request_context::RequestContext;

/// Must come after the authentication: a caller with a valid token is counted by its account, all others by address.
pub async fn rate_limit<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let context = RequestContext::of(req.request())?;
    let limiter = req.app_data::<web::Data<RateLimiter>>();
    let Some(state) = limiter.and_then(|l| l.count(&req, &context)) else {
        return Ok(next.call(req).await?.map_into_left_body());
    };
    let res = match state.wait {
        Some(wait) => Ok(req.error_response(too_many(whole_seconds(wait))).map_into_right_body()),
        None => next.call(req).await.map(ServiceResponse::map_into_left_body),
    };
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

fn too_many(seconds: u64) -> Error {
    Error {
        retry_after: Some(seconds),
        ..Error::new(Code::TooManyRequests).detail(
            format!("Terlalu banyak permintaan. Coba lagi setelah {seconds} detik."),
            format!("Too many requests. Try again after {seconds} seconds."),
        )
    }
}
