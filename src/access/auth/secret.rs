//! Secrets that the service makes itself: client secrets and refresh tokens, 32 random bytes each.
//!
//! They are stored as SHA-256, not argon2id: 256 random bits cannot be guessed however fast the hash is, and a
//! thousand phones that come back online together would cost 12 MiB and 25 ms each.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::platform::error::Error;
use crate::platform::fingerprint::to_hex;

/// Returns a new secret, base64url.
pub fn generate() -> Result<String, Error> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(Error::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Returns the stored form of a secret.
pub fn digest_of(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}

/// Returns the stored form as text, for the credential table.
pub fn digest_text(secret: &str) -> String {
    format!("sha256:{}", to_hex(&digest_of(secret)))
}

/// Returns whether a secret has this stored form. Takes constant time.
pub fn is(secret: &str, stored: &str) -> bool {
    verify_slices_are_equal(digest_text(secret).as_bytes(), stored.as_bytes()).is_ok()
}
