//! The index of one survey (DOMAIN section 4): its IKM and grade, the nine elements, the sample, and the profile of the
//! respondents. IKU 1 is the mean of these indices: both use the same functions of the core on the same tallies.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
mod profile;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::get);
}
