//! Component schemas: closed in requests, bounded, without scalars of their own, and with patterns and rules for text only
//! in requests.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::moment::Moment;
use super::super::schema::{MAX_DECIMALS, TEXT, TextRule};
use super::{RESPONSE_SCHEMAS, each_operation, has_type, reach, set_default};

/// The longest text that is one line: names, numbers and reasons. Longer texts are notes.
const LONGEST_LINE: u64 = 300;
/// Requests with texts that a phone collected. They are never refused for a character, because the respondent has gone.
const COLLECTED: [&str; 2] = ["BatchedResponse", "NewResponse"];
/// The end of the name of a component that is copied for responses.
const COPY: &str = "AsSent";
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

/// The components of request bodies.
pub struct Requests {
    json: BTreeSet<String>,
    forms: BTreeSet<String>,
}

/// JSON request bodies are closed: unknown fields are refused. Forms are open: RFC 6749 says that unknown parameters are
/// ignored.
pub fn close_request_bodies(document: &mut Value) -> Requests {
    let (mut json, mut forms) = (BTreeSet::new(), BTreeSet::new());
    let components = document["components"]["schemas"].clone();
    each_operation(document, |_, _, operation| {
        let content = operation
            .get("requestBody")
            .and_then(|body| body["content"].as_object());
        for (kind, media) in content.into_iter().flatten() {
            let names = if kind.ends_with("json") { &mut json } else { &mut forms };
            reach(media, &components, names);
        }
    });
    let schemas = document["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas.into_iter().flatten() {
        if json.contains(name) && schema.get("properties").is_some() {
            set_default(schema, "additionalProperties", Value::Bool(false));
        }
    }
    Requests { json, forms }
}

/// Responses have no patterns. A component of requests that has some, and that responses have too, is copied for them:
/// `Respondent` as `RespondentAsSent`.
pub fn copy_for_responses(document: &mut Value) {
    let components = document["components"]["schemas"].clone();
    let (mut requests, mut responses) = (BTreeSet::new(), BTreeSet::new());
    each_operation(document, |_, _, operation| {
        reach(&operation["requestBody"], &components, &mut requests);
        reach(&operation["responses"], &components, &mut responses);
    });
    let has_patterns = |name: &String| {
        let mut parts = BTreeSet::from([name.clone()]);
        reach(&components[name], &components, &mut parts);
        let mut found = false;
        for part in parts {
            walk(&mut components[part].clone(), &mut |schema| found |= is_pattern(schema));
        }
        found
    };
    let copied: BTreeSet<String> = responses
        .intersection(&requests)
        .filter(|name| has_patterns(name))
        .cloned()
        .collect();
    each_operation(document, |_, _, operation| {
        refer_to_copies(&mut operation["responses"], &copied)
    });
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    for name in &copied {
        schemas.insert(format!("{name}{COPY}"), components[name].clone());
    }
    for (_, schema) in schemas.iter_mut().filter(|(name, _)| !requests.contains(*name)) {
        refer_to_copies(schema, &copied);
    }
}

fn refer_to_copies(value: &mut Value, copied: &BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| refer_to_copies(item, copied)),
        Value::Object(members) => members.iter_mut().for_each(|(key, member)| match member {
            Value::String(reference) if key == "$ref" => {
                if reference.rsplit('/').next().is_some_and(|name| copied.contains(name)) {
                    reference.push_str(COPY);
                }
            }
            member => refer_to_copies(member, copied),
        }),
        _ => {}
    }
}

/// Adds bounds to every component, and rules for text to those of requests. Responses have no patterns: a client must not
/// refuse what is stored.
pub fn finish_components(document: &mut Value, requests: &Requests) {
    let schemas = document["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas.into_iter().flatten() {
        if requests.json.contains(name) {
            let is_typed_in = !COLLECTED.contains(&name.as_str());
            walk(schema, &mut |schema| tighten(schema, is_typed_in));
        } else if requests.forms.contains(name) {
            walk(schema, &mut |schema| tighten(schema, false));
        } else {
            walk(schema, &mut forget_pattern);
        }
        walk(schema, &mut describe_rule);
        walk(schema, &mut bound);
        walk(schema, &mut size);
        walk(schema, &mut count_decimals);
    }
}

/// Puts components that are scalars without a list of values (codes, decimals) in the place of their references: client
/// generators would make a class of each.
pub fn inline_scalars(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    let is_scalar = |schema: &Value| {
        let kind = schema["type"].as_str();
        kind.is_some_and(|kind| !matches!(kind, "object" | "array")) && schema.get("enum").is_none()
    };
    let mut scalars = Map::new();
    schemas.retain(|name, schema| match is_scalar(schema) {
        true => {
            scalars.insert(format!("#/components/schemas/{name}"), schema.take());
            false
        }
        false => true,
    });
    inline(document, &scalars);
}

fn inline(value: &mut Value, scalars: &Map<String, Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| inline(item, scalars)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| inline(member, scalars));
            let reference = members.get("$ref").and_then(Value::as_str);
            if let Some(Value::Object(scalar)) = reference.and_then(|name| scalars.get(name)) {
                members.remove("$ref");
                for (key, part) in scalar {
                    members.entry(key).or_insert(part.clone());
                }
            }
            unite_with_null(members);
            lift_description(members);
        }
        _ => {}
    }
}

/// Turns a choice between a scalar and null into a `type` of both.
fn unite_with_null(schema: &mut Map<String, Value>) {
    let Some([scalar, null]) = schema.get("oneOf").and_then(Value::as_array).map(Vec::as_slice) else {
        return;
    };
    if *null != json!({ "type": "null" }) || !scalar["type"].is_string() || scalar.get("enum").is_some() {
        return;
    }
    if let Value::Object(mut scalar) = scalar.clone() {
        scalar["type"] = json!([scalar["type"], "null"]);
        schema.remove("oneOf");
        for (key, part) in scalar {
            schema.entry(key).or_insert(part);
        }
    }
}

/// Puts the words of a reference that may be null beside the choice: few generators read those beside the reference.
fn lift_description(schema: &mut Map<String, Value>) {
    let Some([reference, _]) = schema
        .get_mut("oneOf")
        .and_then(Value::as_array_mut)
        .map(Vec::as_mut_slice)
    else {
        return;
    };
    if let Some(words) = reference.as_object_mut().and_then(|r| r.remove("description")) {
        schema.entry("description").or_insert(words);
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

/// Free text of a request has a rule. It is no pattern: the dialects of regular expressions have no common way to name a
/// character above FF.
pub fn tighten(schema: &mut Map<String, Value>, is_typed_in: bool) {
    let title = schema
        .get_mut("properties")
        .and_then(|members| members.get_mut("title"));
    if let Some(title) = title.filter(|_| is_typed_in) {
        set_default(title, TEXT, TextRule::Line.as_str().into());
    }
    let free = !["pattern", "format", "enum", "const", TEXT]
        .iter()
        .any(|k| schema.contains_key(*k));
    if is_string(schema) && free {
        let needs_content = schema.get("minLength").and_then(Value::as_u64).is_some_and(|n| n > 0);
        let is_line = schema
            .get("maxLength")
            .and_then(Value::as_u64)
            .is_some_and(|n| n <= LONGEST_LINE);
        let rule = match (needs_content, is_typed_in) {
            (true, true) if is_line => TextRule::Line,
            (true, true) => TextRule::Lines,
            (true, false) => TextRule::Words,
            (false, _) => TextRule::Any,
        };
        schema.insert(TEXT.to_owned(), rule.as_str().into());
    }
}

/// Adds the rule of a text to its description, for people and for tools that do not know it.
fn describe_rule(schema: &mut Map<String, Value>) {
    let rule = schema.get(TEXT).and_then(Value::as_str).and_then(TextRule::of);
    if let Some(words) = rule.and_then(TextRule::words) {
        let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let description = format!("{description} {words}").trim().to_owned();
        schema.insert("description".to_owned(), description.into());
    }
}

fn forget_pattern(schema: &mut Map<String, Value>) {
    if is_pattern(schema) {
        schema.remove("pattern");
    }
}

/// Returns whether a schema has a pattern. A member may be called `pattern`, too.
fn is_pattern(schema: &Map<String, Value>) -> bool {
    schema.get("pattern").is_some_and(Value::is_string)
}

/// Adds the length of a format as a number, for clients that do not know the format.
pub fn bound(schema: &mut Map<String, Value>) {
    let longest = match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => 36,
        Some("date") => 10,
        // RFC 3339 allows any number of decimals.
        Some("date-time" | Moment::FORMAT) => 64,
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
pub fn count_decimals(schema: &mut Map<String, Value>) {
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
