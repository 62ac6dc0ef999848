//! The index of one survey (DOMAIN section 4): its IKM and grade, the nine elements, whether the sample suffices, and
//! who answered. IKU 1 is the mean of these indices: both use the same functions of the core on the same tallies.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod profile;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::get);
}
