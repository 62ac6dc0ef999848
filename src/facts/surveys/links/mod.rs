//! Links of surveys: a citizen opens one on a phone of their own and answers, without an account.
//!
//! A link has the place of a phone: its id is the device of its answers, so quotas, bursts and decisions by device work for it.
//! Nothing that is doubtful is refused: it is held, with a flag that says why ([`judging`](crate::facts::responses::self_service)).
//! A slip is a random UUID; the one answer that is given with it has the slip's id.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod form;
pub mod handlers;
pub mod intake;
pub mod query;
pub mod service;
pub mod slips;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::patch)
        .service(handlers::versions)
        .service(handlers::list_slips)
        .service(handlers::create_slips);
}
