//! One decision on many answers, to clean up after a lost phone or a closed survey in a few requests: held answers are
//! released or discarded, counted answers are voided, and restored together. Each decision is recorded with the number of its answers.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
mod restoring;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::decide)
        .service(handlers::get_decision)
        .service(handlers::void)
        .service(handlers::get_void)
        .service(handlers::restore_void);
}
