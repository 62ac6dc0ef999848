//! Evidence (bukti dukung): files that are linked to records. The name of a file is the SHA-256 of its bytes, so sending it again
//! is safe, and a closing that names the hash names the bytes.
//!
//! A file takes three steps: its bytes arrive in a part file and are hashed; the part file gets its name; the row is recorded. So a
//! row always has its bytes. Bytes without a row are removed a day later ([`sweep`]).

pub mod behind_values;
pub mod dto;
mod handlers;
pub mod links;
pub mod media;
mod of_records;
pub mod query;
pub mod record;
pub mod store;
pub mod sweep;
pub mod upload;

pub use store::EvidenceStore;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::put)
        .service(handlers::get)
        .service(handlers::link)
        .service(handlers::delete)
        .service(handlers::versions)
        .service(of_records::list_of_report)
        .service(of_records::create_of_report)
        .service(of_records::list_of_decree)
        .service(of_records::create_of_decree)
        .service(of_records::list_of_case)
        .service(of_records::create_of_case)
        .service(of_records::list_of_survey)
        .service(of_records::create_of_survey)
        .service(of_records::list_of_target)
        .service(of_records::create_of_target);
}
