//! Realisations: the value of an indicator in a period.
//!
//! A value takes three steps: its window ([`crate::core::period`]), its facts (`results/facts`, a constant number of
//! statements), and their measure ([`crate::core::formula`]). The explanation shows the breakdown of that same
//! computation.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod closed;
pub mod closing;
pub mod difference;
pub mod dto;
mod explanation;
pub mod handlers;
mod notes;
mod records;
pub mod service;
pub mod sheet;
mod text;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::series)
        .service(handlers::get)
        .service(handlers::explain)
        .service(handlers::records)
        .service(handlers::gap)
        .service(handlers::difference);
}
