//! Desa and kelurahan, by their Kemendagri codes.
//!
//! A village exists in an interval of days, because villages are split: a count of villages is a count on a date. Only
//! the administrator adds or changes a village; each change is a new version.

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
