//! Lets a few reads of each caller work at the same time; the others wait.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web;

use super::rate_limit::too_many;
use crate::platform::http::limits::Class;
use crate::platform::http::limits::at_work::{Caller, ReadQueues};
use crate::platform::http::request_context::RequestContext;

/// Seconds after which a caller whose queue is full may try again.
const RETRY_AFTER: u64 = 1;

/// Must come after the authentication. The turn of a read ends when its answer is made, whole and in memory: a client that
/// reads slowly does not delay others.
pub async fn at_work(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let context = RequestContext::of(req.request())?;
    let is_read = Class::of(req.method(), req.match_info().as_str()) == Some(Class::Reads);
    let queues = req.app_data::<web::Data<ReadQueues>>().filter(|_| is_read).cloned();
    let Some(queues) = queues else {
        return next.call(req).await;
    };
    let turn = queues
        .turn(Caller::of(&context))
        .await
        .map_err(|_| too_many(RETRY_AFTER))?;
    let res = next.call(req).await;
    drop(turn);
    res
}
