//! Many answers of a phone in one request. They may be sent late, twice or out of order; each is stored once.
//!
//! A 400 is about the whole body. Each item is read separately and has its own outcome. Only its survey, its id and its
//! scores can make it `rejected`, since a phone deletes what is rejected.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod reading;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::create).service(handlers::status);
}
