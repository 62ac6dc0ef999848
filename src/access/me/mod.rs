//! The caller's own account: identity, rights, and a new password.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::get).service(handlers::change_password);
}
