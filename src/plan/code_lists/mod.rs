//! Code lists and the questionnaire: the names of the codes in facts.
//!
//! They come with the shipped data, are the same for all districts, and are read only.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::questionnaire)
        .service(handlers::institution_kinds)
        .service(handlers::case_categories)
        .service(handlers::sections);
}
