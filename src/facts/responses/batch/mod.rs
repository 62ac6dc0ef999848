//! Answers of phones, many at once: sent late, twice or out of order, stored once, and none lost.
//!
//! A 400 concerns the envelope; each item is judged on its own and has an outcome of its own.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::create).service(handlers::status);
}
