//! Satisfaction surveys (SKM) of a section (IKU 1).
//!
//! A survey is born a draft; people open it and close it (and may open it again), the calendar never does. It belongs
//! to the year in which its `ends_on` falls. Its answers are [`super::responses`].

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
