//! Indicators: the measures that a decree promises, in its own words, and the formula that computes each.
//!
//! One indicator has one code; the key of its rows is (code, first governed year). A correction names the first year
//! that it governs, so earlier years keep their words and their formula (DOMAIN section 1).

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod formula;
pub mod handlers;
pub mod query;
pub mod rules;
pub mod service;
pub mod withdrawal;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch)
        .service(handlers::delete)
        .service(handlers::restore)
        .service(handlers::versions);
}
