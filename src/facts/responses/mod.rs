//! Answers to surveys (IKU 1), and their tallies.
//!
//! An answer is not versioned: it is received once, under the id that its sender made, and may be voided and restored. It
//! counts from `counted_from` to `counted_until`; earlier spans of a restored answer are in `response_count_span`. Tallies
//! and values at a past instant use the same spans.
//!
//! Phones send many answers at once ([`batch`]). An answer that cannot count waits for an officer ([`quarantine`]).

use utoipa_actix_web::service_config::ServiceConfig;

pub mod batch;
pub mod bulk;
mod burst;
pub mod content;
mod counted_spans;
pub mod dto;
pub mod flags;
pub mod handlers;
mod lifecycle;
pub mod profile;
pub mod quarantine;
pub mod query;
pub mod queue;
mod quota;
pub mod recounting;
mod row;
mod rules;
pub mod self_service;
pub mod service;
mod store;
mod submission;
pub mod tally;
pub mod trail;
pub mod transitions;

pub use queue::WriteQueue;
pub use quota::{HeldDifference, Quotas, recount_held, verify_held};
pub use recounting::{Difference, Figure, recount, verify_tallies};
pub use store::receive;
pub use submission::{Acceptance, Outcome, Submission};
pub use tally::{Counted, Totals, tallies};

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::create)
        .service(handlers::get)
        .service(handlers::delete)
        .service(handlers::restore)
        .service(handlers::versions)
        .configure(batch::configure)
        .configure(bulk::configure)
        .configure(quarantine::configure);
}
