//! People who sign in with a user name and a password.
//!
//! User names are given once and for ever: they stand beside every fact as `recorded_by`. A change that alters what a
//! user may do ends the access tokens issued before. One administrator of the whole installation always remains.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod bootstrap;
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
