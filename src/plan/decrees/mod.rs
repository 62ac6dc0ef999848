//! Keputusan Camat that set the indicators of some years.
//!
//! Decrees of one district may share years: an amending decree usually names the same years as the one it amends, and
//! one may replace another before its end. There is no doubt which governs, for every indicator names its decree from
//! a year on (`plan::by_year`).

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod query;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch);
}
