//! The plan: decrees, indicators, agreements, targets, and the kinds of reports that villages owe.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod agreements;
pub mod by_year;
pub mod code_lists;
pub mod decrees;
pub mod effects;
pub mod indicators;
pub mod notes;
pub mod past_values;
pub mod report_kinds;
pub mod set;
pub mod targets;

pub fn configure(c: &mut ServiceConfig) {
    c.configure(decrees::configure)
        .configure(indicators::configure)
        .configure(agreements::configure)
        .configure(targets::configure)
        .configure(notes::configure)
        .configure(past_values::configure)
        .configure(report_kinds::configure)
        .configure(code_lists::configure);
}
