//! Many answers of a phone in one request: sent late, twice or out of order, stored once, and none lost.
//!
//! A 400 concerns the envelope. Each item is validated by itself and has its own outcome.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::create).service(handlers::status);
}
