//! Parameters as an HTTP caller sees them.

use serde_json::{Map, Value, json};

use super::schemas::{bound, count_decimals, tighten, walk};
use super::{resolved, set_default};
use crate::platform::http::idempotency::IDEMPOTENCY_KEY;

/// Query parameters are never null, have a rule for text and a description; Swagger UI does not fill in the optional ones.
pub fn finish(operation: &mut Value, schemas: &Value) {
    // Indexing would add `"parameters": null` to an operation without parameters, and Swagger UI could not call it.
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        walk(&mut parameter["schema"], &mut bound);
        walk(&mut parameter["schema"], &mut count_decimals);
        if parameter["in"] == "query" {
            let schema = &mut parameter["schema"];
            if let Some(only) = drop_null(schema.get_mut("type"), |t| t == "null") {
                schema["type"] = only;
            }
            if let Some(only) = drop_null(schema.get_mut("oneOf"), |s| s["type"] == "null") {
                *schema = only;
            }
            walk(schema, &mut |schema| tighten(schema, true));
            describe(parameter, schemas);
            if let Some(schema) = parameter["schema"].as_object_mut() {
                schema.remove("description");
            }
            if parameter["schema"]["type"] == "boolean" {
                let description = parameter["description"].as_str().unwrap_or_default();
                parameter["description"] =
                    format!("{description} `1` and `0` mean the same as `true` and `false`.").into();
            }
        }
        if parameter["required"] != true {
            move_example(parameter, schemas);
            // The default.
            parameter.as_object_mut().and_then(|p| p.remove("required"));
        }
    }
}

/// Documents the header that may carry the `id` of a created record.
pub fn add_idempotency_key(operation: &mut Value) {
    let parameter = json!({
        "name": IDEMPOTENCY_KEY, "in": "header",
        "description": "The `id` of the new record, if the body has none: a UUID. Anything else, and another UUID than `id`, is 400.",
        // No `example` of the parameter: Swagger UI would send it with every request, so only the first would create.
        "schema": {
            "type": "string", "format": "uuid", "maxLength": 36, "examples": ["0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f"],
        },
    });
    if let Some(operation) = operation.as_object_mut() {
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        parameters
            .as_array_mut()
            .into_iter()
            .for_each(|all| all.push(parameter.clone()));
    }
}

/// Removes null from a list of alternatives: an absent parameter is not sent as null. Returns the only alternative left.
fn drop_null(alternatives: Option<&mut Value>, is_null: impl Fn(&Value) -> bool) -> Option<Value> {
    let alternatives = alternatives?.as_array_mut()?;
    alternatives.retain(|alternative| !is_null(alternative));
    match alternatives.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// Gives a parameter without a description the description of its type.
fn describe(parameter: &mut Value, schemas: &Value) {
    let none = Map::new();
    let schema = resolved(schemas.as_object().unwrap_or(&none), &parameter["schema"]);
    if let Some(words) = schema.get("description").cloned() {
        set_default(parameter, "description", words);
    }
}

/// Makes the example of an optional parameter one of `examples` of its schema: Swagger UI and Postman fill in every
/// `example` and send it, which would filter every list.
fn move_example(parameter: &mut Value, schemas: &Value) {
    let referred = parameter["schema"].get("$ref").and_then(Value::as_str);
    if let Some(schema) = referred.and_then(|r| schemas.get(r.rsplit('/').next()?))
        && schema.get("example").is_some()
    {
        parameter["schema"] = schema.clone();
    }
    let own = parameter.as_object_mut().and_then(|p| p.remove("example"));
    let of_schema = parameter["schema"].as_object_mut().and_then(|s| s.remove("example"));
    if let Some(example) = own.or(of_schema)
        && parameter["schema"].get("default") != Some(&example)
    {
        parameter["schema"]["examples"] = Value::Array(vec![example]);
    }
}
