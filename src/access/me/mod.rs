//! The caller's own account: identity, rights, notices, sessions, and a new password.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod notices;
pub mod password;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::get)
        .service(handlers::change_password)
        .service(handlers::list_sessions)
        .service(handlers::end_session)
        .service(handlers::end_other_sessions);
}
