//! Answers that an officer must decide on: they arrived after the survey was closed, from a revoked device, or under
//! the id of another answer. A released answer counts from then on, and can be voided; a discarded answer does not count, and
//! can be restored: then it waits again. In the API and in the database these are *held* answers.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
mod insert;
pub mod query;
pub mod restoring;
pub mod service;

pub use insert::insert;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::get)
        .service(handlers::release)
        .service(handlers::discard)
        .service(handlers::restore)
        .service(handlers::versions);
}
