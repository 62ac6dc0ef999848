//! `If-Match` of reads (RFC 9110 section 13.2.2). Handlers evaluate it for changes, and `If-None-Match`.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;

use crate::platform::http::IfMatch;

/// 412 for a read whose `If-Match` does not name the current version. Must run inside the compression, which removes the
/// encoding from the tags.
pub async fn preconditions<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let is_read = matches!(*req.method(), Method::GET | Method::HEAD);
    let if_match = is_read.then(|| IfMatch::parse(req.headers())).flatten();
    let res = next.call(req).await?;
    let has_content = matches!(res.status(), StatusCode::OK | StatusCode::NOT_MODIFIED);
    match if_match
        .filter(|_| has_content)
        .map(|condition| condition.check_response(res.headers()))
    {
        Some(Err(error)) => {
            let (req, _) = res.into_parts();
            Ok(ServiceResponse::from_err(error, req).map_into_right_body())
        }
        _ => Ok(res.map_into_left_body()),
    }
}
