//! Indicators: what a decree promises to measure, in its own words, and the formula the program reads in them.
//!
//! One indicator is a code; its rows are keyed (code, first year they govern). A correction names the first year it
//! governs, so earlier years keep their words and their formula (DOMAIN section 1).

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod formula;
pub mod handlers;
pub mod query;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch)
        .service(handlers::versions);
}
