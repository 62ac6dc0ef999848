//! The audit trail: who changed what, when and why (docs/AUDIT.md). It is written by `platform/db/journal`.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list);
}
