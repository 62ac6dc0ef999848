//! Satisfaction surveys (SKM) of a section (IKU 1).
//!
//! A survey begins as a draft. Only people open it, close it and open it again. It belongs to the year of its
//! `ends_on`. [`super::responses`] has its answers.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod links;
pub mod query;
pub mod rules;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch)
        .service(handlers::delete)
        .service(handlers::restore)
        .service(handlers::versions)
        .configure(links::configure);
}
