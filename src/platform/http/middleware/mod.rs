//! One middleware for each concern of a request; `app.rs` lists them.

pub mod access_log;
pub mod at_work;
pub mod compression;
pub mod connections;
pub mod cors;
pub mod deprecation;
pub mod methods;
pub mod preconditions;
pub mod problems;
pub mod rate_limit;
pub mod request_context;
pub mod security_headers;
