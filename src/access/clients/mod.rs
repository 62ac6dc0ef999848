//! Systems and phones that sign in with an id and a secret.
//!
//! A secret is made here, shown once, and stored as a hash. A rotation ends the old secret and every token issued for
//! it at once.

use utoipa_actix_web::service_config::ServiceConfig;

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
