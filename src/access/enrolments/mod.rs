//! How a phone becomes a device of the service.
//!
//! An administrator asks for a code and shows it, as text or QR. The phone makes a secret, stores it, and sends both;
//! from then on the device signs in with the secret as any client does. The phone has the secret before it asks, so it
//! can ask again when a response is lost.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod code;
pub mod dto;
pub mod exchange;
pub mod handlers;
pub mod link;
pub mod query;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::create).service(handlers::enrol);
}
