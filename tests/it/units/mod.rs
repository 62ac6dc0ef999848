//! Parts of the platform on their own, without a database.

mod client;
mod code;
mod codes;
mod connections;
mod decimal_json;
mod etag;
mod field_errors;
mod fingerprint;
mod json;
mod patch;
mod schema;
mod secret;
mod stamp_cache;
mod text;
mod time;
mod trace;
mod upload;
