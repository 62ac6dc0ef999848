//! Reports that villages delivered (IKU 4 and 5).
//!
//! One report is (village, kind, fiscal year); it is recorded once, corrected by PATCH and withdrawn by DELETE,
//! each a new version. Administration reports belong to section `pemerintahan`, finance reports to
//! `pembinaan-pengawasan`.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
mod own_village;
pub mod rules;
mod selection;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch)
        .service(handlers::delete)
        .service(handlers::restore)
        .service(handlers::versions);
}
