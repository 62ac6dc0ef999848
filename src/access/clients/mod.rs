//! Systems and phones that sign in with an id and a secret.
//!
//! The service makes the secret, shows it once, and stores its hash. A new secret ends the old one and all its tokens.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod changes;
pub mod dto;
pub mod handlers;
pub mod query;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch)
        .service(handlers::delete)
        .service(handlers::rotate);
}
