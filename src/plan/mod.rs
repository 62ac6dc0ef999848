//! What was promised: decrees, indicators, targets, and the kinds of reports that villages owe.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod indicators;
pub mod report_kinds;
pub mod targets;

pub fn configure(c: &mut ServiceConfig) {
    c.configure(indicators::configure).configure(targets::configure);
}
