//! The reference phone: a client that collects answers without a signal, as docs/OFFLINE.md describes. It uses no code of
//! the service.
//!
//! | file | content |
//! |---|---|
//! | [`answer`] | one answer: it is checked, gets an id, and never changes again |
//! | [`queue`] | the answers that wait, on disk; a power cut at any byte loses none |
//! | [`problems`] | the answers that the service refused; a person must see them |
//! | [`enrol`] | the exchange of an enrolment code for a credential; a lost reply does no harm |
//! | [`server`] | the four requests that a phone sends |
//! | [`reply`] | the replies of the service, and what can go wrong |
//! | [`body`] | request bodies, compressed if that makes them shorter |
//! | [`pace`] | the size of a batch and the length of a wait (no clock, no network) |
//! | [`sync`] | the loop: send, read the results, purge answers with a final result |
//! | [`files`] | files that survive a power cut |

pub mod answer;
pub mod body;
pub mod enrol;
pub mod files;
pub mod pace;
pub mod problems;
pub mod queue;
pub mod reply;
pub mod server;
pub mod sync;

pub use answer::Answer;
pub use enrol::Identity;
pub use queue::Queue;
pub use reply::Fault;
pub use server::Server;
pub use sync::{Courier, Report};
