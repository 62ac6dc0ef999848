//! The recorded facts: reports, institutions, cases, surveys and their answers.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod cases;
pub mod institutions;
pub mod reports;
pub mod responses;
pub mod surveys;
mod text;

pub fn configure(c: &mut ServiceConfig) {
    c.configure(responses::configure)
        .configure(reports::configure)
        .configure(institutions::configure)
        .configure(cases::configure)
        .configure(surveys::configure);
}
