//! Satisfaction surveys (SKM) of a section (IKU 1).
//!
//! A survey begins as a draft. People open it, close it and may open it again; the calendar does not. It belongs to
//! the year of its `ends_on`. Its answers are [`super::responses`].

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod query;
pub mod rules;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch)
        .service(handlers::versions);
}
