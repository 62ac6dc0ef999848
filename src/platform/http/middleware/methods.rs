//! Which methods a path has, read off the contract.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{HttpRequest, web};

use crate::platform::error::Error;
use crate::platform::http::Contract;

/// HEAD is answered wherever GET is; the HTTP layer leaves the body out. A method that a path without parameters does not
/// have is refused here: `/reports/{id}` would take the path for an id.
pub async fn methods<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if req.method() == Method::HEAD {
        req.head_mut().method = Method::GET;
    }
    let contract = req.app_data::<web::Data<Contract>>();
    match contract.and_then(|c| c.method_not_allowed(req.method().as_str(), req.match_info().as_str())) {
        Some(error) => Ok(req.error_response(error).map_into_right_body()),
        None => Ok(next.call(req).await?.map_into_left_body()),
    }
}

/// 404 for an unknown path; 405 with `Allow` for a known one.
pub async fn fallback(req: HttpRequest, contract: web::Data<Contract>) -> Result<&'static str, Error> {
    match contract.allowed_methods(req.path()) {
        Some(allow) => Err(Error::method_not_allowed(allow)),
        None => Err(Error::not_found()),
    }
}
