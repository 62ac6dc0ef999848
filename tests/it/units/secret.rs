//! Secrets that the service makes itself: client secrets and refresh tokens, 32 random bytes each.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iku::access::auth::secret::*;
use iku::platform::error::Error;
use iku::platform::fingerprint::to_hex;

#[test]
fn only_the_secret_itself_matches() {
    let (one, other) = (generate().unwrap(), generate().unwrap());
    assert_eq!(one.len(), 43);
    assert!(is(&one, &kept(&one)));
    assert!(!is(&other, &kept(&one)));
    assert!(!is("", ""));
}
