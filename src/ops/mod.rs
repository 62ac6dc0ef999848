//! The operations beside `/v1`, for operators and explorers: health, metrics, the contract, Swagger UI.
//!
//! Each operation carries its own server `/`, and none needs a token (`/metrics` asks for one from afar).

pub mod contract;
pub mod health;
pub mod metrics;
pub mod problems;
pub mod swagger;

use utoipa_actix_web::service_config::ServiceConfig;

/// The documented operations.
pub fn configure(c: &mut ServiceConfig) {
    c.service(health::live)
        .service(health::ready)
        .service(metrics::metrics)
        .service(contract::json)
        .service(contract::yaml)
        .service(problems::list)
        .service(problems::get);
}

/// Pages and files for a browser, which the document leaves out.
pub fn is_undocumented(path: &str) -> bool {
    path == "/" || path == "/swagger-ui" || path.starts_with("/swagger-ui/")
}
