//! Authentication: keys, tokens, passwords, sessions and their end.

pub mod browser_sessions;
pub mod closing_keys;
pub mod dto;
pub mod grant;
pub mod handlers;
pub mod hash_queue;
pub mod keys;
pub mod known_networks;
pub mod metadata;
pub mod origin;
pub mod password;
pub mod password_rules;
pub mod revocation;
pub mod rotation;
pub mod secret;
pub mod sessions;
pub mod throttle;
pub mod token;
pub mod token_service;

pub use token_service::TokenService;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::token).service(handlers::revoke);
}
