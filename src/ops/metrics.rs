//! Metrics for Prometheus: for this machine, or with a token.

use actix_web::http::header::{ACCEPT, AUTHORIZATION};
use actix_web::{HttpRequest, HttpResponse, get, web};
use aws_lc_rs::constant_time::verify_slices_are_equal;

use crate::access::Public;
use crate::platform::error::{Code, Error};
use crate::platform::http::client;
use crate::platform::metrics::METRICS;
use crate::platform::secret::Secret;

/// The bearer token with which other machines may read the metrics, if the operator has set one.
#[derive(Clone, Debug, Default)]
pub struct MetricsToken(pub Option<Secret>);

/// Numbers for Prometheus
///
/// Requests by route and status, their durations, the version. Answers this machine; from elsewhere the token of
/// `IKU_METRICS_TOKEN` is needed (`Authorization: Bearer ...`).
#[utoipa::path(
    tag = "health", operation_id = "getMetrics", security(()), servers((url = "/")),
    responses(
        (status = 200, description = "The numbers", content((String = "text/plain"), (String = "application/openmetrics-text"))),
        (status = 401, description = "Not this machine, and not the token"),
    )
)]
#[get("/metrics")]
pub async fn metrics(_: Public, req: HttpRequest, token: web::Data<MetricsToken>) -> Result<HttpResponse, Error> {
    let peer = req.peer_addr().map(|a| a.ip());
    if !client::is_local(peer, req.headers()) && !has_token(&req, token.0.as_ref()) {
        return Err(Error::new(Code::Unauthenticated).detail(
            "Hanya dari mesin ini, atau dengan token IKU_METRICS_TOKEN.",
            "From this machine only, or with the token of IKU_METRICS_TOKEN.",
        ));
    }
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
