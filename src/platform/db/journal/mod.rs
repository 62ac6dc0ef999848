//! The audit trail (docs/adr/0009): one event for each change, written in the transaction of the change.
//!
//! The events of a district are a chain: each has the number after the last one, and a hash that covers it and the hash before
//! it. The lock of the district's stamp, which every write holds until it commits, keeps the numbers without a gap and in the
//! order of the commits. What belongs to no district is in the chain [`SERVICE`], under a lock of its own.

mod append;
pub(super) mod completeness;
pub mod content;
pub(super) mod event;
pub(super) mod heads;

pub(super) use append::append_events;
pub use append::head;
pub use event::{Action, Author, Event, Resource, SERVICE, Years, canonical, hash};
pub use heads::Head;
