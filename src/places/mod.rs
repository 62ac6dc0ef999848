//! The places: districts and villages.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod districts;
pub mod structure;
pub mod villages;

pub fn configure(c: &mut ServiceConfig) {
    c.configure(districts::configure).configure(villages::configure);
}
