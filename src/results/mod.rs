//! The results: realisations, the completeness of reports, survey indices. They are computed on request from the facts
//! and never stored; [`response_cache`] has the responses until the facts change.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod changes;
pub mod completeness;
pub mod facts;
pub mod query;
pub mod realisations;
pub mod response_cache;
pub mod survey_index;

pub fn configure(c: &mut ServiceConfig) {
    c.configure(changes::configure)
        .configure(completeness::configure)
        .configure(realisations::configure)
        .configure(survey_index::configure);
}
