//! One log line and one count for each request. Requests that are never limited are logged at `debug`, and refusals are
//! counted by network: no caller can fill the disk.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::ACCESS_CONTROL_REQUEST_METHOD;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web;

use crate::platform::http::connections::Connection;
use crate::platform::http::refusals::{Refusal, RefusalLog};
use crate::platform::http::request_context::RequestContext;
use crate::platform::metrics::METRICS;

pub async fn access_log(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let context = RequestContext::of(req.request())?;
    let res = next.call(req).await?;
    let (status, elapsed) = (res.status(), context.started.elapsed());
    METRICS.count(&context.method, res.request().match_pattern(), status, elapsed);
    if let Some(refusal) = refusal(&res)
        && let Some(refusals) = res.request().app_data::<web::Data<RefusalLog>>()
    {
        refusals.count(refusal, context.network);
        return Ok(res);
    }
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                target: "iku::access",
                method = context.method.as_str(),
                path = context.path,
                status = status.as_u16(),
                micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
                subject = context.subject.get().map(tracing::field::display),
                network = context.network.map(tracing::field::display),
            )
        };
    }
    let is_preflight =
        context.method == Method::OPTIONS && res.request().headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    match is_preflight || context.path.starts_with("/health/") {
        true => line!(debug),
        false => line!(info),
    }
    Ok(res)
}

/// Returns the reason if the request was refused before any work.
fn refusal<B>(res: &ServiceResponse<B>) -> Option<Refusal> {
    let is_surplus = res
        .request()
        .conn_data::<Connection>()
        .is_some_and(Connection::is_surplus);
    match res.status() {
        _ if is_surplus => Some(Refusal::TooManyConnections),
        StatusCode::TOO_MANY_REQUESTS => Some(Refusal::TooManyRequests),
        _ => None,
    }
}
