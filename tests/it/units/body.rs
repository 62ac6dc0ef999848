//! JSON bodies: read within a limit, validated by the contract, then typed.

use iku::platform::http::body::*;

use serde_json::json;

#[test]
fn whole_floats_are_integers() {
    assert_eq!(whole_numbers(json!({"a": [86.0, 1.5]})), json!({"a": [86, 1.5]}));
}
