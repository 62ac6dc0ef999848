//! The outermost middleware: gives a request its context, and its ids to the response and to every log line.

use std::rc::Rc;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderValue;
use actix_web::middleware::Next;
use tracing::Instrument;

use crate::platform::http::request_context::RequestContext;
use crate::platform::trace::{REQUEST_ID, TRACEPARENT, TraceContext};

pub async fn request_context(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let context = Rc::new(RequestContext::new(&req));
    req.extensions_mut().insert(Rc::clone(&context));
    let mut res = next.call(req).instrument(context.trace.span()).await?;
    let TraceContext {
        request_id,
        traceparent,
    } = &context.trace;
    for (name, id) in [(REQUEST_ID, request_id), (TRACEPARENT, traceparent)] {
        if let Ok(value) = HeaderValue::from_str(id) {
            res.headers_mut().insert(name, value);
        }
    }
    Ok(res)
}
