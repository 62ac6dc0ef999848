//! Errors of fields: how they are collected, and how the errors of a schema become errors of fields.

use std::collections::{BTreeSet, HashMap};

use iku::platform::error::{Code, Error, FieldErrors};
use iku::platform::http::field_errors::field_errors;
use iku::platform::http::hints::Hints;
use serde_json::{Value, json};

#[test]
fn errors_of_one_code_are_collected_under_it() {
    let unknown = |at: &str| Error::unknown_reference(at, "x");
    let mut errors = FieldErrors::default();
    errors.check(true, || unknown("#/fine"));
    errors.check(false, || unknown("#/a"));
    errors.add(unknown("#/b"));
    let fields = ["#/a unknown_reference", "#/b unknown_reference"];
    assert_eq!(errors.fields(), fields);
    let error = errors.into_result().unwrap_err();
    assert_eq!((error.code, error.detail), (Code::UnknownReference, None));
}

#[test]
fn errors_of_different_codes_are_a_broken_rule_and_keep_their_own_codes() {
    let mut errors = FieldErrors::default();
    errors.add(Error::unknown_reference("#/a", "x"));
    errors.extend([Error::new(Code::TooFewAnswers).at("#/b")]);
    assert_eq!(errors.fields(), ["#/a unknown_reference", "#/b too_few_answers"]);
    assert_eq!(errors.into_result().unwrap_err().code, Code::RuleBroken);
}

#[test]
fn one_error_keeps_its_detail_and_no_error_is_ok() {
    let mut errors = FieldErrors::default();
    errors.add(Error::rule("#/a", "Salah.", "Wrong."));
    assert!(errors.into_error().detail.is_some());
    FieldErrors::default().into_result().unwrap();
}

/// Returns `pointer code` of every error of a value that is an object or null.
fn errors(value: &Value) -> Vec<String> {
    let object = json!({"type": "object", "additionalProperties": false, "required": ["x"],
        "properties": {"x": {"type": "integer"}}});
    let schema = json!({"properties": {"f": {"oneOf": [{"type": "null"}, object]}}});
    let validator = jsonschema::validator_for(&schema).unwrap();
    let hints = Hints {
        names: &BTreeSet::new(),
        examples: &HashMap::new(),
    };
    let found = field_errors(validator.iter_errors(value), "#/", hints);
    found
        .iter()
        .map(|e| format!("{} {}", e.pointer, e.code.as_str()))
        .collect()
}

#[test]
fn errors_in_an_object_that_may_be_null_are_those_of_the_object() {
    assert_eq!(errors(&json!({"f": null})), [""; 0]);
    assert_eq!(errors(&json!({"f": {"x": 1}})), [""; 0]);
    assert_eq!(errors(&json!({"f": {"x": "1"}})), ["#/f/x type"]);
    assert_eq!(
        errors(&json!({"f": {"y": 1}})),
        ["#/f/y unknown_field", "#/f/x required"]
    );
    assert_eq!(errors(&json!({"f": 7})), ["#/f type"]);
}

#[test]
fn one_item_is_no_items() {
    let said = |bound: &str, limit: u64, value: Value| {
        let schema = json!({"properties": {"f": {bound: limit}}});
        let validator = jsonschema::validator_for(&schema).unwrap();
        let hints = Hints {
            names: &BTreeSet::new(),
            examples: &HashMap::new(),
        };
        let value = json!({ "f": value });
        let found = field_errors(validator.iter_errors(&value), "#/", hints);
        found[0].detail.en.to_string()
    };
    assert_eq!(said("minItems", 1, json!([])), "At least 1 item.");
    assert_eq!(said("minItems", 2, json!([])), "At least 2 items.");
    assert_eq!(said("maxItems", 1, json!([1, 2])), "At most 1 item.");
    assert_eq!(said("maxItems", 2, json!([1, 2, 3])), "At most 2 items.");
    assert_eq!(said("minLength", 1, json!("")), "At least 1 character.");
    assert_eq!(said("maxLength", 1, json!("ab")), "At most 1 character.");
}
