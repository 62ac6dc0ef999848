//! JSON bodies of many items that are validated one by one: an invalid item does not make the whole body invalid.

use iku::platform::http::batch_body::*;

use serde_json::json;

#[test]
fn items_are_counted_and_not_read() {
    let deep = "[".repeat(5000) + &"]".repeat(5000);
    let body = format!(r#"{{"a": 1.0, "items": [{deep}, 1e999, {{"b": "\ud800"}}]}}"#);
    assert_eq!(
        outline(body.as_bytes()).unwrap(),
        json!({"a": 1, "items": [null, null, null]})
    );
    assert!(outline(format!(r#"{{"a": {deep}, "items": []}}"#).as_bytes()).is_err());
    assert_eq!(outline(br#"{"items": {"a": 1}}"#).unwrap(), json!({"items": {"a": 1}}));
    assert_eq!(outline(b"[1]").unwrap(), json!([1]));
    assert!(outline(br#"{"items": [1,}"#).is_err());
}
