//! Sign-in: keys, tokens, and who has been signed out.

pub mod authority;
pub mod keys;
pub mod token;

pub use authority::Authority;
