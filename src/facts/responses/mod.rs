//! Answers to surveys (IKU 1), and what they add up to.
//!
//! An answer is not versioned: it is received once, under the id that its sender made, and may be voided. From
//! `counted_from` to `counted_until` it counts; the tallies of its survey and a past `as_of` follow the same two.
//!
//! Phones send many at once ([`batch`]). What then cannot count is not lost: it is held for an officer ([`held`]).

use utoipa_actix_web::service_config::ServiceConfig;

pub mod audit;
pub mod batch;
pub mod dto;
pub mod handlers;
pub mod held;
pub mod intake;
pub mod query;
mod row;
pub mod service;
pub mod store;
pub mod tally;

pub use audit::{Difference, Figure, recount, verify_tallies};
pub use intake::WriteQueue;
pub use store::{Incoming, Outcome, Terms, receive, store};
pub use tally::{Counted, Totals, tallies};

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::delete)
        .configure(batch::configure)
        .configure(held::configure);
}
