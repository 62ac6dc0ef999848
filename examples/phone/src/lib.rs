//! The reference phone: what docs/OFFLINE.md asks of a client that collects answers where there is no signal, and
//! nothing of the service itself.
//!
//! | file | what it holds |
//! |---|---|
//! | [`answer`] | one answer: checked, given an id, and from then on never changed |
//! | [`queue`] | the answers that wait, on disk, safe from a power cut at any byte |
//! | [`problems`] | the answers that the service refused, for a person to look at |
//! | [`enrol`] | from an enrolment code to a credential, safe from a lost reply |
//! | [`server`] | the four requests a phone makes |
//! | [`reply`] | what the service answers, and what can go wrong |
//! | [`body`] | bodies over the air, compressed when it pays |
//! | [`pace`] | how many at once, and how long to wait (no clock, no network) |
//! | [`sync`] | the loop: send, read the results, purge what is final |
//! | [`files`] | writing files that are still there after a power cut |

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
