//! One log line and one count for each request.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

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
    tracing::info!(
        target: "iku::access",
        method = context.method.as_str(),
        path = context.path,
        status = status.as_u16(),
        micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
    );
    Ok(res)
}
