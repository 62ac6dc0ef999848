//! The completeness of reports: a matrix of villages and the reports they owe, the facts behind IKU 4 and 5.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::get);
}
