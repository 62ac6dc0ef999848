//! Code lists and the questionnaire: the names of the codes in facts.
//!
//! A code is added, renamed and ended by an administrator of the regency, and each change is a new version. The lists are
//! the same for all districts. A code that has ended stays valid for facts of earlier years. The program uses the codes
//! of some lists (`rt`, `lainnya`), so the shipped codes do not end. [`query`] serves the facts.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod case_categories;
pub mod dto;
pub mod handlers;
pub mod institution_kinds;
pub mod known;
pub mod list;
pub mod listed;
pub mod profile;
pub mod profile_values;
pub mod query;
pub mod questionnaires;
pub mod service;
pub mod services;

pub use list::{CodeList, ProfileList};

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::questionnaire)
        .service(handlers::sections)
        .service(institution_kinds::list)
        .service(institution_kinds::create)
        .service(institution_kinds::get)
        .service(institution_kinds::patch)
        .service(institution_kinds::versions)
        .service(case_categories::list)
        .service(case_categories::create)
        .service(case_categories::get)
        .service(case_categories::patch)
        .service(case_categories::versions)
        .service(services::list)
        .service(services::create)
        .service(services::get)
        .service(services::patch)
        .service(services::versions)
        .service(profile_values::list)
        .service(profile_values::create)
        .service(profile_values::get)
        .service(profile_values::patch)
        .service(profile_values::versions);
}
