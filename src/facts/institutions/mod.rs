//! Village institutions, LKD (IKU 2, DOMAIN section 5).
//!
//! One institution is (village, kind, name), whatever the way in which the name is written. Its Keputusan Kepala Desa belong
//! to it: a renewal is another decree of the same institution. An institution passes to another village on a day. Every
//! change is a new version that carries all its decrees and villages. The register belongs to section `pmd`.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod decree_dto;
pub mod decree_handlers;
pub mod decree_service;
pub mod decrees;
pub mod dto;
pub mod handlers;
pub mod list;
pub mod query;
pub mod rules;
pub mod service;
pub mod transfers;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch)
        .service(handlers::delete)
        .service(handlers::restore)
        .service(handlers::transfer)
        .service(handlers::versions)
        .service(decree_handlers::list)
        .service(decree_handlers::renew)
        .service(decree_handlers::patch);
}
