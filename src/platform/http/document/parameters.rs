//! Parameters as an HTTP caller sees them.

use serde_json::{Map, Value};

use super::schemas::{bound, tighten, walk};
use super::{resolved, set_default};

/// Query parameters are never null, refuse NUL and have a description; Swagger UI does not fill in the optional ones.
pub fn finish(operation: &mut Value, schemas: &Value) {
    // Indexing would write `"parameters": null` where there are none, and Swagger UI sends nothing then.
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        walk(&mut parameter["schema"], &mut bound);
        if parameter["in"] == "query" {
            let schema = &mut parameter["schema"];
            if let Some(only) = drop_null(schema.get_mut("type"), |t| t == "null") {
                schema["type"] = only;
            }
            if let Some(only) = drop_null(schema.get_mut("oneOf"), |s| s["type"] == "null") {
                *schema = only;
            }
            walk(schema, &mut tighten);
            describe(parameter, schemas);
            if parameter["required"] != true {
                move_example(parameter, schemas);
            }
        }
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

/// Gives a parameter without a description that of its type.
fn describe(parameter: &mut Value, schemas: &Value) {
    let none = Map::new();
    let schema = resolved(schemas.as_object().unwrap_or(&none), &parameter["schema"]);
    if let Some(words) = schema.get("description").cloned() {
        set_default(parameter, "description", words);
    }
}

/// Moves the example of an optional parameter into its description: Swagger UI fills in all examples and sends them,
/// which would filter every list.
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
        let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
        let description = parameter["description"].as_str().unwrap_or_default();
        parameter["description"] = format!("{description} Example: `{example}`.").trim().into();
    }
}
