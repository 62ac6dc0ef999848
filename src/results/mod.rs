//! What it means: realisations, the completeness of reports, survey indices. Everything here is computed on request
//! from the facts and written nowhere; [`answers`] keeps what was computed as long as it holds.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod answers;
pub mod completeness;
pub mod realisations;
pub mod survey_index;
pub mod tag;

pub fn configure(c: &mut ServiceConfig) {
    c.configure(completeness::configure)
        .configure(realisations::configure)
        .configure(survey_index::configure);
}
