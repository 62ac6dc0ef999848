//! Component schemas: closed where they come in, bounded, and free of NUL.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::schema::MAX_DECIMALS;
use super::super::upload::LARGEST_BODY;
use super::{RESPONSE_SCHEMAS, each_operation, has_type, reach, set_default};

/// No NUL, and at least one character that is not a blank.
const SOME_WORD: &str = r"^([^\u0000]*[^\s\u0000][^\u0000]*)?$";
const NO_NUL: &str = r"^[^\u0000]*$";
/// The longest plain-text response, in characters.
const LONGEST_TEXT: u32 = 16 * 1024 * 1024;

/// Moves the schemas that typed responses carry to the components.
pub fn collect_from_responses(document: &mut Value) {
    let mut found = Map::new();
    each_operation(document, |_, _, operation| {
        let responses = operation["responses"].as_object_mut();
        for response in responses.into_iter().flat_map(Map::values_mut) {
            if let Some(Value::Object(schemas)) = response.as_object_mut().and_then(|r| r.remove(RESPONSE_SCHEMAS)) {
                found.extend(schemas);
            }
        }
    });
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.extend(found);
    }
}

/// JSON request bodies are closed: unknown fields are refused. Forms are open: RFC 6749 says that unknown parameters are
/// ignored. Their values are text; a list would be a repeated parameter.
pub fn close_request_bodies(document: &mut Value) {
    let (mut bodies, mut forms) = (BTreeSet::new(), BTreeSet::new());
    let components = document["components"]["schemas"].clone();
    each_operation(document, |_, _, operation| {
        let content = operation
            .get("requestBody")
            .and_then(|body| body["content"].as_object());
        for (kind, media) in content.into_iter().flatten() {
            let names = if kind.ends_with("json") {
                &mut bodies
            } else {
                &mut forms
            };
            reach(media, &components, names);
        }
    });
    let schemas = document["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas
        .into_iter()
        .flatten()
        .filter(|(_, s)| s.get("properties").is_some())
    {
        if bodies.contains(name) {
            set_default(schema, "additionalProperties", Value::Bool(false));
        } else if forms.contains(name) {
            let text = json!({ "type": "string", "maxLength": LARGEST_BODY });
            set_default(schema, "additionalProperties", text);
        }
    }
}

/// Adds bounds and patterns to every component.
pub fn finish_components(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut();
    for schema in schemas.into_iter().flat_map(Map::values_mut) {
        walk(schema, &mut tighten);
        walk(schema, &mut bound);
        walk(schema, &mut size);
        walk(schema, &mut count_decimals);
    }
}

/// Bounds plain-text responses.
pub fn finish_bodies(operation: &mut Value) {
    let responses = operation["responses"].as_object_mut();
    for response in responses.into_iter().flat_map(Map::values_mut) {
        let content = response.get_mut("content").and_then(Value::as_object_mut);
        for media in content.into_iter().flat_map(Map::values_mut) {
            if media["schema"]["type"] == "string" {
                set_default(&mut media["schema"], "maxLength", json!(LONGEST_TEXT));
            }
        }
    }
}

/// Calls `f` with a schema and all schemas in it.
pub fn walk(schema: &mut Value, f: &mut impl FnMut(&mut Map<String, Value>)) {
    match schema {
        Value::Object(members) => {
            f(members);
            for (key, value) in members.iter_mut() {
                if !matches!(key.as_str(), "example" | "examples" | "enum" | "const" | "default") {
                    walk(value, f);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|s| walk(s, f)),
        _ => {}
    }
}

/// Free text refuses NUL (PostgreSQL cannot store it).
pub fn tighten(schema: &mut Map<String, Value>) {
    let free = !["pattern", "format", "enum", "const"]
        .iter()
        .any(|k| schema.contains_key(*k));
    if is_string(schema) && free {
        let needs_content = schema.get("minLength").and_then(Value::as_u64).is_some_and(|n| n > 0);
        let pattern = if needs_content { SOME_WORD } else { NO_NUL };
        schema.insert("pattern".to_owned(), Value::from(pattern));
    }
}

/// Adds the length of a format as a number, for clients that do not know the format.
pub fn bound(schema: &mut Map<String, Value>) {
    let longest = match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => 36,
        Some("date") => 10,
        // RFC 3339 allows any number of decimals.
        Some("date-time") => 64,
        _ => return,
    };
    if is_string(schema) {
        schema.entry("maxLength").or_insert(json!(longest));
    }
}

/// Adds the width of integers without a format (`usize`), by their maximum.
fn size(schema: &mut Map<String, Value>) {
    let is_integer = schema.get("type").is_some_and(|t| t == "integer");
    let Some(maximum) = schema.get("maximum").and_then(Value::as_i64).filter(|_| is_integer) else {
        return;
    };
    let width = if i32::try_from(maximum).is_ok() {
        "int32"
    } else {
        "int64"
    };
    schema.entry("format").or_insert(width.into());
}

/// Turns `multipleOf: 0.01` into [`MAX_DECIMALS`]: most validators divide in floating point, where 78.57 is not a
/// multiple of 0.01, and would refuse it.
fn count_decimals(schema: &mut Map<String, Value>) {
    let Some(step) = schema.get("multipleOf").and_then(Value::as_f64) else {
        return;
    };
    if let Some(decimals) = [(0.1, 1), (0.01, 2), (0.001, 3)].iter().find(|(s, _)| *s == step) {
        schema.remove("multipleOf");
        schema.insert(MAX_DECIMALS.to_owned(), json!(decimals.1));
    }
}

fn is_string(schema: &Map<String, Value>) -> bool {
    schema.get("type").is_some_and(|kind| has_type(kind, "string"))
}
