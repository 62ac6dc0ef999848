//! Kinds of village reports: which, due when, and in which wording from which year.
//!
//! Two things have years here. `valid_from_year` and `valid_to_year` say in which years the report is owed at all.
//! `from_year` says from which year on this wording of the kind governs: a correction names its first year and
//! earlier years keep theirs (`plan::by_year`). Kinds are the same for all districts.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
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
