//! What a connection allows: a surplus one gets no work done, and an offer to change the protocol (Java's client offers HTTP/2)
//! is declined. The rest of a small body is read.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::UPGRADE;
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::middleware::Next;

use crate::platform::error::Error;
use crate::platform::http::connections::Connection;
use crate::platform::http::problem;
use crate::platform::http::request_context::RequestContext;
use crate::platform::http::upload::SmallBody;

/// Must run outside `problems`, because a response that was replaced has lost its connection type.
pub async fn connections<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let connection = req.conn_data::<Connection>();
    let is_surplus = connection.is_some_and(Connection::is_surplus);
    let is_last = connection.is_some_and(Connection::is_last_response);
    // The HTTP layer reads nothing after such a request, so the client must not send another one on this connection.
    let offers_upgrade = req.headers().contains_key(UPGRADE);
    let closes = is_surplus || is_last || offers_upgrade;
    let body = (!closes).then(|| SmallBody::of(&mut req)).flatten();
    let mut res = match is_surplus {
        true => {
            let context = RequestContext::of(req.request())?;
            req.into_response(problem::render(&too_many(), &context))
                .map_into_right_body()
        }
        false => next.call(req).await?.map_into_left_body(),
    };
    let is_timed_out = res.status() == StatusCode::REQUEST_TIMEOUT;
    if let Some(body) = body.filter(|_| !is_timed_out) {
        body.discard().await;
    }
    if closes || is_timed_out {
        res.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(res)
}

fn too_many() -> Error {
    Error::unavailable().detail(
        "Terlalu banyak koneksi dari jaringan ini. Pakai lagi koneksi yang sudah terbuka.",
        "Too many connections from this network. Use open connections again.",
    )
}
