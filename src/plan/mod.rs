//! The plan: decrees, indicators, targets, and the kinds of reports that villages owe.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod by_year;
pub mod code_lists;
pub mod decrees;
pub mod effects;
pub mod indicators;
pub mod report_kinds;
pub mod targets;

pub fn configure(c: &mut ServiceConfig) {
    c.configure(decrees::configure)
        .configure(indicators::configure)
        .configure(targets::configure)
        .configure(report_kinds::configure)
        .configure(code_lists::configure);
}
