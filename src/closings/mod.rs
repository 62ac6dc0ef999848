//! Closings: the values of a period as they were known at one instant, stored for ever, with a signed statement.
//!
//! A closing has two parts. The *document* is canonical JSON with every value and every record behind it; it is served byte by
//! byte as it was stored. The *statement* is small and signed (compact JWS, Ed25519); it names the SHA-256 of the document and of
//! the statement before it. Strangers verify both without the service ([`verification`], docs/verify.py).

mod document;
pub mod dto;
pub mod four_eyes;
mod handlers;
pub mod keys;
pub mod published;
pub mod query;
pub mod revisions;
pub mod service;
mod statement;
pub mod verification;

pub use four_eyes::FourEyes;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(c: &mut ServiceConfig) {
    // The keys first: `keys` is no id.
    c.service(keys::list)
        .service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::document)
        .service(handlers::statement)
        .service(handlers::revisions);
}
