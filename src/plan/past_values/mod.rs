//! Past values: what an office reported for the years before it used the service, typed in with their source. They stand beside
//! the realisations, and are never one.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::get)
        .service(handlers::put)
        .service(handlers::delete)
        .service(handlers::versions);
}
