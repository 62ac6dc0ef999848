//! Secrets that the service generates: client secrets and refresh tokens, 32 random bytes each.

use iku::access::auth::secret::*;

#[test]
fn only_the_secret_itself_matches() {
    let (one, other) = (generate().unwrap(), generate().unwrap());
    assert_eq!(one.len(), 43);
    assert!(is(&one, &digest_text(&one)));
    assert!(!is(&other, &digest_text(&one)));
    assert!(!is("", ""));
}
