//! Parts of the platform on their own, without a database.

mod batch_body;
mod body;
mod client;
mod code;
mod codes;
mod decimal_json;
mod etag;
mod fingerprint;
mod patch;
mod schema;
mod secret;
mod stamp_cache;
mod text;
mod time;
mod trace;
mod upload;
