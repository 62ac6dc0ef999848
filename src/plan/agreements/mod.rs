//! Performance agreements (Perjanjian Kinerja): the documents that promise the targets of a year. One that revises an earlier
//! agreement of the year is a PK Perubahan.

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
        .service(handlers::restore)
        .service(handlers::versions);
}
