//! Equal responses and parameters become components, to which the operations refer.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

use super::each_operation;
use super::responses::EVERYWHERE;

/// Moves equal responses and equal parameters to the components. The headers of every response and of every
/// problem stay only in `default`.
pub fn share(document: &mut Value) {
    each_operation(document, |_, _, operation| {
        for (status, response) in members(operation, "responses") {
            if status != "default" {
                drop_common_headers(response, status.starts_with(['4', '5']));
            }
        }
    });
    let mut responses = Shared::default();
    let mut parameters = Shared::default();
    each_operation(document, |path, _, operation| {
        for (status, response) in members(operation, "responses") {
            responses.count(response_name(status, response), response);
        }
        for parameter in list(operation, "parameters") {
            parameters.count(parameter_name(path, parameter), parameter);
        }
    });
    let (responses, parameters) = (responses.components(), parameters.components());
    each_operation(document, |_, _, operation| {
        members(operation, "responses").for_each(|(_, response)| refer("responses", &responses, response));
        list(operation, "parameters").for_each(|parameter| refer("parameters", &parameters, parameter));
    });
    document["components"]["responses"] = Value::Object(responses);
    document["components"]["parameters"] = Value::Object(parameters);
}

fn drop_common_headers(response: &mut Value, is_problem: bool) {
    let Some(object) = response.as_object_mut() else { return };
    if let Some(headers) = object.get_mut("headers").and_then(Value::as_object_mut) {
        headers.retain(|name, _| !(EVERYWHERE.contains(&name.as_str()) || is_problem && name == "Content-Language"));
        if headers.is_empty() {
            object.remove("headers");
        }
    }
}

/// How often each value occurs, by the name that it would have as a component.
#[derive(Default)]
struct Shared(BTreeMap<String, Vec<(Value, usize)>>);

impl Shared {
    fn count(&mut self, name: String, value: &Value) {
        let values = self.0.entry(name).or_default();
        match values.iter_mut().find(|(known, _)| known == value) {
            Some((_, times)) => *times += 1,
            None => values.push((value.clone(), 1)),
        }
    }

    /// Returns the values that occur more than once. The most frequent one has the plain name, the others a number.
    fn components(self) -> Map<String, Value> {
        let mut all = Map::new();
        for (name, mut values) in self.0 {
            values.retain(|(_, times)| *times > 1);
            values.sort_by_key(|(_, times)| Reverse(*times));
            for (n, (value, _)) in values.into_iter().enumerate() {
                let name = if n == 0 {
                    name.clone()
                } else {
                    format!("{name}{}", n + 1)
                };
                // The same value may occur under two names: the first one stands for both.
                if !all.values().any(|known| *known == value) {
                    all.insert(name, value);
                }
            }
        }
        all
    }
}

fn refer(kind: &str, components: &Map<String, Value>, value: &mut Value) {
    if let Some((name, _)) = components.iter().find(|(_, shared)| *shared == value) {
        *value = json!({ "$ref": format!("#/components/{kind}/{name}") });
    }
}

/// `NotFound`, `AnyProblem`; with the schema if it is not a problem document: `BadRequestTokenError`.
fn response_name(status: &str, response: &Value) -> String {
    let reason = status
        .parse()
        .ok()
        .and_then(|code| StatusCode::from_u16(code).ok()?.canonical_reason());
    let name = pascal(reason.unwrap_or("Any Problem"));
    let content = response["content"].as_object();
    let schema = content.and_then(|media| media.values().next()?["schema"]["$ref"].as_str()?.rsplit('/').next());
    match schema {
        Some("Problem") | None => name,
        Some(schema) => format!("{name}{schema}"),
    }
}

/// `Limit`, `IfMatch`; in a path with the segment before it: `SurveysId`.
fn parameter_name(path: &str, parameter: &Value) -> String {
    let name = parameter["name"].as_str().unwrap_or_default();
    let before = match parameter["in"] == "path" {
        true => path
            .split_once(&format!("/{{{name}}}"))
            .and_then(|(start, _)| start.rsplit('/').next()),
        false => None,
    };
    format!("{}{}", pascal(before.unwrap_or_default()), pascal(name))
}

fn pascal(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (first, rest) = word.split_at(1);
            format!("{}{rest}", first.to_ascii_uppercase())
        })
        .collect()
}

fn members<'a>(operation: &'a mut Value, name: &str) -> impl Iterator<Item = (&'a String, &'a mut Value)> {
    operation
        .get_mut(name)
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
}

fn list<'a>(operation: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    operation
        .get_mut(name)
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}
