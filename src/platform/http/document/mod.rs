//! The parts of the OpenAPI document that are the same for every operation, so that no handler repeats them.

mod examples;
mod links;
mod parameters;
mod responses;
pub mod schemas;
mod sharing;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::platform::error::{Error, OrInternal};
use crate::platform::http::request_context::EXPORTS;

/// The member in which a response has the schemas of its body until [`finish`] moves them to the components.
pub const RESPONSE_SCHEMAS: &str = "x-schemas";

/// What stands for the address of the service in the text of [`Contract`](super::Contract).
pub const ADDRESS: &str = "{address}";

/// The methods that a path can have.
pub const VERBS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Adds the problems and headers of all operations, closes request bodies, bounds strings and says which characters
/// they may have, and links created records to the operations on them.
pub fn finish(document: &mut Value) {
    schemas::collect_from_responses(document);
    schemas::inline_scalars(document);
    schemas::copy_for_responses(document);
    let requests = schemas::close_request_bodies(document);
    schemas::finish_components(document, &requests);
    responses::add_headers(document);
    mark_as_public(document);
    let schemas = document["components"]["schemas"].clone();
    each_operation(document, |path, verb, operation| {
        responses::common(path, verb, operation);
        parameters::finish(operation, &schemas);
        if verb == "post" && creation(operation, &schemas).is_some() {
            parameters::add_idempotency_key(operation);
        }
        open_to_clients(path, operation);
        responses::headers(verb, operation);
        schemas::finish_bodies(operation);
    });
    links::add(document);
}

/// Adds the examples to a finished document and makes it small: the form in which it is published.
pub fn publish(document: &mut Value) {
    examples::add(document);
    sharing::share(document);
    // Last, because each operation has most of the problems.
    examples::add_problems(document);
}

/// Sets the address of the service. Without it, the document has relative URLs, which begin with `/`.
pub fn set_address(document: &mut Value, address: &str) {
    document["servers"][0]["url"] = address.into();
    let schemes = document["components"]["securitySchemes"].as_object_mut();
    let flows = schemes
        .into_iter()
        .flat_map(Map::values_mut)
        .flat_map(|scheme| scheme["flows"].as_object_mut());
    for flow in flows.flat_map(Map::values_mut) {
        for name in ["tokenUrl", "refreshUrl"] {
            if let Some(Value::String(url)) = flow.get_mut(name) {
                url.insert_str(0, address);
            }
        }
    }
}

/// Returns the document as text: the output of `iku openapi` and the content of openapi/openapi.json.
pub fn as_json(document: &Value) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(document).or_internal()?;
    Ok(text + "\n")
}

/// Calls `f` with the path, the verb and the object of every operation.
fn each_operation(document: &mut Value, mut f: impl FnMut(&str, &str, &mut Value)) {
    let paths = document["paths"].as_object_mut();
    for (path, item) in paths.into_iter().flatten() {
        for verb in VERBS {
            if let Some(operation) = item.get_mut(verb) {
                f(path, verb, operation);
            }
        }
    }
}

/// Collects the names of all components that a schema refers to, directly or through other components.
pub fn reach(schema: &Value, components: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Array(items) => items.iter().for_each(|item| reach(item, components, names)),
        Value::Object(members) => members.iter().for_each(|(key, member)| {
            match member
                .as_str()
                .filter(|_| key == "$ref")
                .and_then(|r| r.rsplit('/').next())
            {
                Some(name) if names.insert(name.to_owned()) => reach(&components[name], components, names),
                Some(_) => {}
                None => reach(member, components, names),
            }
        }),
        _ => {}
    }
}

/// Returns the name of the body of a creating POST: its component has an `id`, which the client makes.
pub fn creation(operation: &Value, schemas: &Value) -> Option<String> {
    let schema = &operation.get("requestBody")?["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    schemas[name]["properties"].get("id")?;
    Some(name.to_owned())
}

/// Returns whether a `type`, which may be a list, has this name.
pub fn has_type(kind: &Value, name: &str) -> bool {
    kind == name
        || kind
            .as_array()
            .is_some_and(|kinds| kinds.iter().any(|kind| kind == name))
}

/// The contract is public, so its servers are not internal.
fn mark_as_public(document: &mut Value) {
    let servers = document["servers"].as_array_mut();
    for server in servers.into_iter().flatten() {
        set_default(server, "x-internal", Value::Bool(false));
    }
}

/// Systems and phones get tokens by another flow than people. Only the scopes decide what a token allows, so every
/// operation accepts both; and exports accept the id and the secret of a system.
fn open_to_clients(path: &str, operation: &mut Value) {
    let Some(security) = operation.get_mut("security").and_then(Value::as_array_mut) else {
        return;
    };
    let scopes = security.iter().filter_map(|s| s.get("oauth2"));
    let clients: Vec<Value> = scopes.map(|s| json!({ "oauth2_clients": s })).collect();
    security.extend(clients);
    if path.starts_with(EXPORTS) {
        security.push(json!({ "basic": [] }));
    }
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
