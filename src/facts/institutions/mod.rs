//! Village institutions, LKD (IKU 2, DOMAIN section 5).
//!
//! One institution is (village, kind, name). Its Keputusan Kepala Desa belong to it: a renewal is one more decree of
//! the same institution. Every change, a renewal too, is a new version that carries all its decrees. The register
//! belongs to section `pmd`.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod decrees;
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
        .service(handlers::delete)
        .service(handlers::versions)
        .service(handlers::decrees)
        .service(handlers::renew);
}
