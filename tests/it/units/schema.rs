//! The JSON Schema dialect of this service: draft 2020-12 with formats, and one keyword of its own.

use iku::platform::http::schema::*;

use serde_json::{from_str, json};

#[test]
fn decimals_are_counted_as_they_are_written() {
    let cents = compile(&json!({"type": "number", "x-max-decimals": 2})).unwrap();
    for good in [
        "0",
        "-1",
        "78.57",
        "78.570",
        "0.29",
        "1e2",
        "1.5e1",
        "90.00",
        "1e300",
        "18446744073709551615",
    ] {
        assert!(cents.is_valid(&from_str(good).unwrap()), "{good}");
    }
    for bad in ["78.571", "0.001", "1e-3", "-0.125"] {
        assert!(!cents.is_valid(&from_str(bad).unwrap()), "{bad}");
    }
    assert!(compile(&json!({"x-max-decimals": "two"})).is_err());
}
