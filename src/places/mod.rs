//! Where: districts and villages.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod villages;

pub fn configure(_c: &mut ServiceConfig) {}
