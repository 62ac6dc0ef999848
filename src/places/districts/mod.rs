//! Kecamatan, by their Kemendagri codes.
//!
//! Code and name are shipped data. The Camat says from which year the office records ([`dto::RecordsFrom`]); each change is a
//! new version. An account of one district sees only that district.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::get)
        .service(handlers::patch)
        .service(handlers::versions);
}
