//! The operations beside `/v1`: health, metrics, the contract, Swagger UI.
//!
//! None needs a token of a user; `/metrics` has a token of its own.

pub mod contract;
pub mod health;
pub mod index;
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

/// Returns whether a path has a page or a file for a browser, or the index once more, which the document leaves out.
pub fn is_undocumented(path: &str) -> bool {
    matches!(path, "/v1/" | "/swagger-ui") || path.starts_with("/swagger-ui/")
}
