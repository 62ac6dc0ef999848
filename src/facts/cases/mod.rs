//! Disturbances of public order (IKU 3, DOMAIN section 6).
//!
//! A case is reported, then events are appended to it; an event never changes, and an event `withdrawn` takes the last of
//! them back. Each event and each correction makes a new version of the case. Cases belong to section `trantibum`, in desa
//! and kelurahan alike; a case without a known village belongs to the district.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod event;
pub mod flag;
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
        .service(handlers::restore)
        .service(handlers::versions)
        .service(handlers::events)
        .service(handlers::add_event);
}
