//! Disturbances of public order (IKU 3, DOMAIN section 6).
//!
//! A case is reported, then lives by its events, which are appended and never changed; each event makes a new
//! version of its case, and so does a correction. Cases belong to section `trantibum`, in desa and kelurahan alike.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod event;
pub mod handlers;
pub mod query;
pub mod rules;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch)
        .service(handlers::delete)
        .service(handlers::versions)
        .service(handlers::events)
        .service(handlers::add_event);
}
