//! Realisations: the value of an indicator in a period.
//!
//! Three steps that one can read aloud: *which window* ([`crate::core::period`]), *what are the facts*
//! ([`facts`], a constant number of statements), *what do they say* (`measurement`, which hands them to
//! [`crate::core::formula`]). The explanation shows the inputs of that same computation.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
mod explanation;
pub mod facts;
pub mod ground;
pub mod handlers;
mod plan;
mod realisation;
pub mod service;
mod words;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::series)
        .service(handlers::get)
        .service(handlers::explain);
}
