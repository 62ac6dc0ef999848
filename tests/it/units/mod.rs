//! Parts of the platform on their own, without a database.

mod client;
mod codes;
mod decimal_json;
mod fingerprint;
mod secret;
mod text;
mod time;
