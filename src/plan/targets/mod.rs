//! Targets: the value that an indicator should reach by the last day of a period.
//!
//! They come from the yearly Perjanjian Kinerja, cumulative to date. Periods with the same last day share one target,
//! shown under its canonical name: Q1, S1, Q3 or the year (DOMAIN section 8).

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::get)
        .service(handlers::put)
        .service(handlers::delete)
        .service(handlers::versions);
}
