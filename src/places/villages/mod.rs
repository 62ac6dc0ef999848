//! Desa and kelurahan, by their Kemendagri codes.
//!
//! A village exists from a first to a last day, because villages can be split. So villages are counted on a date. Only
//! the administrator adds or changes a village; each change is a new version. Facts fix its kind; a rename names its first
//! day, so a table of a past year prints the name of that year.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod query;
pub mod reference;
pub mod rules;
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
