//! The base of any service: database, HTTP, errors, languages, time. It imports no other module except the core.

pub mod clock;
pub mod console;
pub mod db;
pub mod decimal_json;
pub mod error;
pub mod fingerprint;
pub mod http;
pub mod large_work;
pub mod metrics;
pub mod sealing;
pub mod secret;
pub mod telemetry;
pub mod text;
pub mod time;
pub mod trace;

pub use error::{Code, Error};
pub use text::{Lang, Text};
