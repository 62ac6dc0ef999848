//! Kinds of village reports: when each is due, and which wording governs from which year.
//!
//! `valid_from_year` and `valid_to_year` bound the years in which the report is owed. `from_year` is the first year
//! that this wording of the kind governs: a correction names its first year, and earlier years keep their wording
//! (`plan::by_year`). Kinds are the same for all districts.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod effects;
pub mod handlers;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch)
        .service(handlers::delete)
        .service(handlers::restore)
        .service(handlers::versions);
}
