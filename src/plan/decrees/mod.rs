//! Keputusan Camat that set the indicators of some years.
//!
//! Decrees of one district may share years: an amending decree usually names the same years as the amended decree, and
//! a decree may be replaced before its end. Every indicator names its decree from a year on (`plan::by_year`), so it
//! is always clear which decree governs.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod continuation;
pub mod deletion;
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
