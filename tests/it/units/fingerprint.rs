//! Digests of content. The order of keys, white space, the Unicode form, and null instead of an absent member make no

use iku::platform::fingerprint::*;

use serde_json::json;

#[test]
fn only_the_content_makes_a_difference() {
    let a = json!({"a": 1, "b": "Caf\u{e9}", "c": null});
    let b = json!({"b": "Cafe\u{301}", "a": 1});
    assert_eq!(canonical_hex(&a).unwrap(), canonical_hex(&b).unwrap());
    assert_ne!(
        canonical_hex(&a).unwrap(),
        canonical_hex(&json!({"a": 2, "b": "Caf\u{e9}"})).unwrap()
    );
}
