//! The changes that may have moved values, in the order of their commits: for whoever copies the values and wants to ask only
//! for what is new. They are read from the journal.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod selection;
mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list);
}
