//! Answers to surveys (IKU 1), and their tallies.
//!
//! An answer is not versioned: it is received once, under the id that its sender made, and may be voided. It counts from
//! `counted_from` to `counted_until`. Tallies and values at a past instant use the same two columns.
//!
//! Phones send many answers at once ([`batch`]). An answer that cannot count waits for an officer ([`quarantine`]).

use utoipa_actix_web::service_config::ServiceConfig;

pub mod audit;
pub mod batch;
pub mod dto;
pub mod handlers;
pub mod quarantine;
pub mod query;
pub mod queue;
mod row;
mod rules;
pub mod service;
mod store;
mod submission;
pub mod tally;

pub use audit::{Difference, Figure, recount, verify_tallies};
pub use queue::WriteQueue;
pub use store::receive;
pub use submission::{Acceptance, Outcome, Submission};
pub use tally::{Counted, Totals, tallies};

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::delete)
        .configure(batch::configure)
        .configure(quarantine::configure);
}
