//! JSON that names each member of an object once.

use iku::platform::http::json::*;

use iku::platform::error::{Code, Error};
use serde_json::{Value, json};

/// `code pointer` of the faults.
fn faults(result: Result<Value, Error>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.code, Code::InvalidBody);
    let faults = error
        .errors
        .iter()
        .map(|e| format!("{} {}", e.code.as_str(), e.pointer));
    faults.collect::<Vec<_>>().join(", ")
}

#[test]
fn values_are_those_of_serde_json() {
    for text in [
        r#"{"a": [1, -2, 1.5, 18446744073709551615, true, null, "x\n\u00e9"], "b": {"a": {}}, "c": []}"#,
        r#""x""#,
        "null",
        " [ ] ",
        r#"{"a": 1, "A": 2, " a": 3}"#,
    ] {
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(parse(text.as_bytes()).unwrap(), expected, "{text}");
    }
}

#[test]
fn whole_floats_are_integers() {
    assert_eq!(
        parse(br#"{"a": [86.0, 1.5, 1e3]}"#).unwrap(),
        json!({"a": [86, 1.5, 1000]})
    );
}

#[test]
fn repeated_members_are_named_wherever_they_are() {
    for (text, pointer) in [
        (r#"{"a": 1, "a": 1}"#, "#/a"),
        (r#"{"a": {"b": [0, {"c": 1, "d": 2, "c": 3}]}}"#, "#/a/b/1/c"),
        (r#"{"a": 1, "\u0061": 1}"#, "#/a"),
        (r#"[{"a/b": {"~": 1, "~": 2}}]"#, "#/0/a~1b/~0"),
        (r#"{"": {"": 1, "": 2}}"#, "#//"),
    ] {
        assert_eq!(faults(parse(text.as_bytes())), format!("repeated {pointer}"), "{text}");
    }
}

#[test]
fn other_faults_are_invalid_json() {
    for text in [
        "",
        "{",
        "[1,]",
        r#"{"a": 1} x"#,
        "1e999",
        r#""\ud800""#,
        "\"\n\"",
        &"[".repeat(100_000),
    ] {
        assert_eq!(
            parse(text.as_bytes()).unwrap_err().code,
            Code::InvalidJson,
            "{text:.40}"
        );
    }
}

#[test]
fn items_of_a_batch_are_counted_and_not_read() {
    let deep = "[".repeat(5000) + &"]".repeat(5000);
    let body = format!(r#"{{"a": 1.0, "items": [{deep}, 1e999, {{"b": "\ud800"}}, {{"c": 1, "c": 2}}]}}"#);
    assert_eq!(
        outline(body.as_bytes()).unwrap(),
        json!({"a": 1, "items": [null, null, null, null]})
    );
    assert!(outline(format!(r#"{{"a": {deep}, "items": []}}"#).as_bytes()).is_err());
    assert_eq!(outline(br#"{"items": {"a": 1}}"#).unwrap(), json!({"items": {"a": 1}}));
    assert_eq!(outline(b"[1]").unwrap(), json!([1]));
    assert!(outline(br#"{"items": [1,}"#).is_err());
    assert_eq!(faults(outline(br#"{"items": [], "items": []}"#)), "repeated #/items");
    assert_eq!(faults(outline(br#"{"a": {"b": 1, "b": 2}}"#)), "repeated #/a/b");
}
