//! Metrics for Prometheus: with a token, or at an address of their own.

use std::io;
use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::http::header::{ACCEPT, AUTHORIZATION};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, get, web};
use aws_lc_rs::constant_time::verify_slices_are_equal;

use crate::access::Public;
use crate::platform::error::{Code, Error};
use crate::platform::metrics::METRICS;
use crate::platform::secret::Secret;

/// The bearer token that `/metrics` asks for, if the operator has set one.
#[derive(Clone, Debug, Default)]
pub struct MetricsToken(pub Option<Secret>);

/// Get metrics for Prometheus
///
/// Requests by route and status, their durations, and the version. Needs the token of `IKU_METRICS_TOKEN`
/// (`Authorization: Bearer ...`). The address of `IKU_OPS_ADDR` serves the same without a token.
#[utoipa::path(
    tag = "health", operation_id = "getMetrics", security(()),
    responses(
        (status = 200, description = "The metrics", content((String = "text/plain"), (String = "application/openmetrics-text"))),
        (status = 401, description = "Without the right token"),
    )
)]
#[get("/metrics")]
pub async fn metrics(_: Public, req: HttpRequest, token: web::Data<MetricsToken>) -> Result<HttpResponse, Error> {
    if !has_token(&req, token.0.as_ref()) {
        return Err(Error::new(Code::Unauthenticated).detail(
            "Hanya dengan token IKU_METRICS_TOKEN, atau di alamat IKU_OPS_ADDR.",
            "Only with the token of IKU_METRICS_TOKEN, or at the address of IKU_OPS_ADDR.",
        ));
    }
    numbers(req).await
}

/// Serves the metrics alone, without a token: who reaches this address may read them.
pub fn serve(listeners: Vec<TcpListener>) -> io::Result<Server> {
    let app = || App::new().route("/metrics", web::get().to(numbers));
    let server = HttpServer::new(app).workers(1).disable_signals();
    let server = listeners
        .into_iter()
        .try_fold(server, |server, listener| server.listen(listener));
    Ok(server?.run())
}

async fn numbers(req: HttpRequest) -> Result<HttpResponse, Error> {
    let text = METRICS.text().map_err(Error::internal)?;
    let asked = req.headers().get(ACCEPT).and_then(|v| v.to_str().ok());
    let media = match asked.is_some_and(|a| a.contains("application/openmetrics-text")) {
        true => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        false => "text/plain; version=0.0.4; charset=utf-8",
    };
    Ok(HttpResponse::Ok().content_type(media).body(text))
}

fn has_token(req: &HttpRequest, token: Option<&Secret>) -> bool {
    let given = req.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok());
    let given = given.and_then(|v| v.split_once(' '));
    match (token, given) {
        (Some(token), Some((scheme, given))) => {
            let same = verify_slices_are_equal(token.expose().as_bytes(), given.trim().as_bytes()).is_ok();
            same && scheme.eq_ignore_ascii_case("bearer")
        }
        _ => false,
    }
}
