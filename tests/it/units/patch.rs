//! Corrections: JSON Merge Patch (RFC 7396), and the schemas of patches.

use iku::platform::http::patch::*;

use serde_json::json;

#[test]
fn merge_patch_follows_rfc_7396() {
    let mut target = json!({"a": "b", "c": {"d": "e", "f": "g"}});
    merge(&mut target, &json!({"a": "z", "c": {"f": null}}));
    assert_eq!(target, json!({"a": "z", "c": {"d": "e"}}));
    let mut list = json!({"a": [1, 2]});
    merge(&mut list, &json!({"a": [3]}));
    assert_eq!(list, json!({"a": [3]}));
}
