//! Desa and kelurahan, by their Kemendagri codes.
//!
//! A village exists in an interval of days (splits happen); what depends on how many there are asks on a date. Only
//! the administrator adds or changes one, each change a new version.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod query;
pub mod reference;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch);
}
