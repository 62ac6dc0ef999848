//! One decision on many answers, to clean up after a lost phone or a closed survey in a few requests: held answers are
//! released or discarded, counted answers are voided; those that were discarded or voided are restored together. Each decision is
//! recorded with the number of its answers.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
mod restoring;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::decide)
        .service(handlers::list_decisions)
        .service(handlers::get_decision)
        .service(handlers::restore_decision)
        .service(handlers::void)
        .service(handlers::list_voids)
        .service(handlers::get_void)
        .service(handlers::restore_void);
}
