//! Finishing touches to the OpenAPI document that hold for every operation, so that no handler repeats them.

mod links;
mod parameters;
mod responses;
mod schemas;

use serde_json::{Map, Value, json};

use crate::platform::error::Error;

const VERBS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Adds what every operation answers (problems, headers), closes request bodies, keeps NUL out of strings, links what
/// is created to the operations on it.
pub fn finish(document: &mut Value) {
    schemas::close_request_bodies(document);
    schemas::open_forms(document);
    schemas::finish_components(document);
    responses::add_headers(document);
    for_all_to_see(document);
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

/// The document as text, as `iku openapi` prints it and as it lies in openapi/openapi.json.
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

/// The contract is public: it says of its servers that they are not internal.
fn for_all_to_see(document: &mut Value) {
    let servers = document["servers"].as_array_mut();
    for server in servers.into_iter().flatten() {
        set_default(server, "x-internal", Value::Bool(false));
    }
}

/// Systems and phones have a way of their own to a token; what a token may do depends on its scopes alone.
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

/// The component that a `$ref` names, or the value itself.
fn resolved<'a>(components: &'a Map<String, Value>, value: &'a Value) -> &'a Value {
    let name = value["$ref"].as_str().and_then(|r| r.rsplit('/').next());
    name.and_then(|name| components.get(name)).unwrap_or(value)
}
