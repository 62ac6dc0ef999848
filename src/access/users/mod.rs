//! People who sign in with a user name and a password.
//!
//! A user name is never given to a second user: facts name it as `recorded_by`. A change of a user's rights ends the access tokens
//! issued before. One administrator of the whole installation always remains.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod bootstrap;
pub mod changes;
pub mod cli;
pub mod dto;
pub mod handlers;
pub mod query;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch)
        .service(handlers::delete);
}
