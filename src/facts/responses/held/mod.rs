//! Answers that are held for an officer: they came after the survey was closed, from a revoked device, or under an id
//! that other content has taken. A release counts them from then on; a discard never does. Both are final.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
mod keep;
pub mod query;
pub mod service;

pub use keep::keep;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::get)
        .service(handlers::release)
        .service(handlers::discard);
}
