//! The audit trail (docs/adr/0009): one event for each change, written in the transaction of the change.
//!
//! The events of a district are a chain: each has the number after the last one, and a hash that covers it and the hash before
//! it. The lock of the district's stamp, which every write holds until it commits, keeps the numbers without a gap and in the
//! order of the commits. What belongs to no district is in the chain [`SERVICE`], under a lock of its own.

mod append;
mod completeness;
pub mod content;
mod event;

pub(super) use append::append;
pub use append::{Head, head};
pub(super) use completeness::{ensure_noted, written_table};
pub use event::{Action, Author, Event, Resource, SERVICE, Years, canonical, hash};
