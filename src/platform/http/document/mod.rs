//! The parts of the OpenAPI document that are the same for every operation, so that no handler repeats them.

mod links;
mod parameters;
mod responses;
mod schemas;

use serde_json::{Map, Value, json};

use crate::platform::error::Error;

/// Where a response names the schemas of its body until [`finish`] moves them to the components.
pub const RESPONSE_SCHEMAS: &str = "x-schemas";

const VERBS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Adds the problems and headers of all operations, closes request bodies, bounds strings and refuses NUL in them, and
/// links created records to the operations on them.
pub fn finish(document: &mut Value) {
    schemas::collect_from_responses(document);
    schemas::close_request_bodies(document);
    schemas::open_forms(document);
    schemas::finish_components(document);
    responses::add_headers(document);
    mark_as_public(document);
    let schemas = document["components"]["schemas"].clone();
    each_operation(document, |path, verb, operation| {
        responses::common(path, verb, operation);
        parameters::finish(operation, &schemas);
        open_to_clients(operation);
        responses::headers(verb, operation);
        schemas::finish_bodies(operation);
    });
    links::add(document);
}

/// Returns the document as text: the output of `iku openapi` and the content of openapi/openapi.json.
pub fn as_json(document: &Value) -> Result<String, Error> {
    let mut text = serde_json::to_string_pretty(document).map_err(Error::internal)?;
    text.push('\n');
    Ok(text)
}

/// The path, the verb and the object of every operation.
pub fn operations(document: &Value) -> impl Iterator<Item = (&str, &'static str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let of_path = move |verb: &'static str| Some((path.as_str(), verb, item.get(verb)?));
        VERBS.into_iter().filter_map(of_path)
    })
}

/// Calls `f` with the path, the verb and the object of every operation.
pub fn each_operation(document: &mut Value, mut f: impl FnMut(&str, &str, &mut Value)) {
    let paths = document["paths"].as_object_mut();
    for (path, item) in paths.into_iter().flatten() {
        for verb in VERBS {
            if let Some(operation) = item.get_mut(verb) {
                f(path, verb, operation);
            }
        }
    }
}

/// The contract is public, so its servers are not internal.
fn mark_as_public(document: &mut Value) {
    let servers = document["servers"].as_array_mut();
    for server in servers.into_iter().flatten() {
        set_default(server, "x-internal", Value::Bool(false));
    }
}

/// Systems and phones get tokens by another flow than people. Only the scopes decide what a token allows, so every
/// operation takes both.
fn open_to_clients(operation: &mut Value) {
    let Some(security) = operation.get_mut("security").and_then(Value::as_array_mut) else {
        return;
    };
    let scopes = security.iter().filter_map(|s| s.get("oauth2"));
    let clients: Vec<Value> = scopes.map(|s| json!({ "oauth2_clients": s })).collect();
    security.extend(clients);
}

fn set_default(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.entry(key).or_insert(value);
    }
}

/// Returns the component that a `$ref` names, or the value itself.
fn resolved<'a>(components: &'a Map<String, Value>, value: &'a Value) -> &'a Value {
    let name = value["$ref"].as_str().and_then(|r| r.rsplit('/').next());
    name.and_then(|name| components.get(name)).unwrap_or(value)
}
