//! Kecamatan, by their Kemendagri codes.
//!
//! They come with the shipped data and are read only; an account of one district sees only that district.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list).service(handlers::get);
}
