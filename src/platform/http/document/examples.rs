//! Examples: a whole answer for each operation, a value for each path parameter, and a problem for each code.
//!
//! They are replies of tests. `tests/it/examples.rs` and `tests/it/problems` compare them with the replies of today, and
//! write them again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::schemas::walk;
use super::{each_operation, reach};
use crate::platform::http::download::XLSX;
use crate::platform::http::stored_file::MEDIA;

/// By operation: the `path` that was asked, and the `answer`.
const ANSWERS: &str = include_str!("../../../../openapi/examples/answers.json");
/// By media type and code.
const PROBLEMS: &str = include_str!("../../../../openapi/examples/problems.json");

const COMPONENTS: &str = "#/components/examples";

/// Adds the answers and the values of path parameters.
pub fn add(document: &mut Value) {
    let answers = parsed(ANSWERS);
    let sources = sources(document, &answers);
    let mut uses = BTreeMap::new();
    each_operation(document, |_, _, operation| {
        each_answer(operation, &sources, |_, id| {
            *uses.entry(id.to_owned()).or_insert(0) += 1
        });
    });
    each_operation(document, |_, _, operation| {
        each_answer(operation, &sources, |media, id| match uses[id] {
            1 => media["example"] = answers[id]["answer"].clone(),
            _ => media["examples"] = json!({ id: {"$ref": format!("{COMPONENTS}/{id}")} }),
        });
    });
    let shared = uses.into_iter().filter(|(_, times)| *times > 1);
    let shared = shared.map(|(id, _)| (id.clone(), json!({"value": answers[&id]["answer"]})));
    document["components"]["examples"] = Value::Object(shared.collect());
    add_parameters(document, &answers);
    forget_parts(document);
}

fn parsed(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Returns the operation whose answer an operation shows: its own, or one with the same schema. To create or to change a
/// record answers with the same record as to read it.
fn sources(document: &mut Value, answers: &Map<String, Value>) -> BTreeMap<String, String> {
    let mut by_schema = BTreeMap::new();
    let mut sources = BTreeMap::new();
    let mut others = Vec::new();
    each_operation(document, |_, _, operation| {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let schema = successes(operation).find_map(|(_, media)| media["schema"]["$ref"].as_str().map(str::to_owned));
        if answers.get(&id).is_some_and(|known| known.get("answer").is_some()) {
            schema.map(|schema| by_schema.entry(schema).or_insert_with(|| id.clone()));
            sources.insert(id.clone(), id);
        } else if let Some(schema) = schema {
            others.push((id, schema));
        }
    });
    for (id, schema) in others {
        if let Some(source) = by_schema.get(&schema) {
            sources.insert(id, source.clone());
        }
    }
    sources
}

/// Calls `f` with each body of the successes that can hold the answer, and with the operation whose answer it is.
fn each_answer(operation: &mut Value, sources: &BTreeMap<String, String>, mut f: impl FnMut(&mut Value, &str)) {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let Some(source) = sources.get(id).cloned() else { return };
    // A page for a browser, a workbook and a file are no texts to read.
    let is_text = |name: &str| name != "text/html" && name != XLSX && !MEDIA.contains(&name);
    for (_, media) in successes(operation).filter(|(name, _)| is_text(name)) {
        f(media, &source);
    }
}

/// Returns the media types of all 2xx responses.
fn successes(operation: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    let good = responses
        .into_iter()
        .flatten()
        .filter(|(status, _)| status.starts_with('2'));
    good.filter_map(|(_, response)| response.get_mut("content")?.as_object_mut())
        .flatten()
}

/// A parameter has the value of the request whose answer the operation shows, or else of one to the same place.
fn add_parameters(document: &mut Value, answers: &Map<String, Value>) {
    let value_of = |id: &str, template: &str, name: &str| {
        let asked = answers.get(id)?["path"].as_str()?.split('/');
        let mut both = template.split('/').zip(asked);
        both.find_map(|(part, value)| (part == format!("{{{name}}}")).then(|| value.to_owned()))
    };
    let mut places = BTreeMap::new();
    each_parameter(document, |path, id, parameter| {
        let name = parameter["name"].as_str().unwrap_or_default();
        if let Some(value) = value_of(id, path, name).filter(|_| parameter["in"] == "path") {
            places.entry(place(path, name)).or_insert(value);
        }
    });
    each_parameter(document, |path, id, parameter| {
        let name = parameter["name"].as_str().unwrap_or_default();
        let value = match parameter["in"].as_str() {
            Some("path") => value_of(id, path, name).or_else(|| places.get(&place(path, name)).cloned()),
            _ => None,
        };
        if let Some(value) = value {
            parameter["example"] = value.into();
            if let Some(schema) = parameter["schema"].as_object_mut() {
                schema.remove("example");
            }
        }
    });
}

fn each_parameter(document: &mut Value, mut f: impl FnMut(&str, &str, &mut Value)) {
    each_operation(document, |path, _, operation| {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        parameters
            .into_iter()
            .flatten()
            .for_each(|parameter| f(path, &id, parameter));
    });
}

/// The path up to a parameter.
fn place(path: &str, name: &str) -> String {
    path.split(&format!("{{{name}}}")).next().unwrap_or_default().to_owned()
}

/// Adds the problems of a status to its responses, and those of a status that no operation names to `default`.
pub fn add_problems(document: &mut Value) {
    let problems = parsed(PROBLEMS);
    let mut named = BTreeSet::new();
    each_problem(document, |status, kind, _| {
        named.insert((kind.to_owned(), status.to_owned()));
    });
    each_problem(document, |status, kind, media| {
        let of_kind = problems.get(kind).and_then(Value::as_object);
        let examples = of_kind.into_iter().flatten().filter(|(_, problem)| {
            let own = problem["status"].to_string();
            own == status || (status == "default" && !named.contains(&(kind.to_owned(), own)))
        });
        let examples: Map<String, Value> = examples
            .map(|(code, problem)| (code.clone(), json!({ "value": problem })))
            .collect();
        if !examples.is_empty() {
            media["examples"] = Value::Object(examples);
        }
    });
}

/// Calls `f` with the status, the media type and the content of every problem.
fn each_problem(document: &mut Value, mut f: impl FnMut(&str, &str, &mut Value)) {
    let mut shared = BTreeMap::new();
    each_operation(document, |_, _, operation| {
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        for (status, response) in responses
            .into_iter()
            .flatten()
            .filter(|(s, _)| !s.starts_with(['2', '3']))
        {
            let name = response
                .get("$ref")
                .and_then(|reference| reference.as_str()?.rsplit('/').next());
            match name.map(str::to_owned) {
                Some(name) => drop(shared.insert(name, status.clone())),
                None => each_content(status, response, &mut f),
            }
        }
    });
    for (name, status) in shared {
        each_content(&status, &mut document["components"]["responses"][&name], &mut f);
    }
}

fn each_content(status: &str, response: &mut Value, f: &mut impl FnMut(&str, &str, &mut Value)) {
    let content = response.get_mut("content").and_then(Value::as_object_mut);
    for (kind, media) in content.into_iter().flatten() {
        f(status, kind, media);
    }
}

/// Removes the examples of members that only answers have, because a whole answer shows them.
fn forget_parts(document: &mut Value) {
    let mut of_requests = BTreeSet::new();
    let components = document["components"]["schemas"].clone();
    each_operation(document, |_, _, operation| {
        for name in ["requestBody", "parameters"] {
            operation
                .get(name)
                .into_iter()
                .for_each(|part| reach(part, &components, &mut of_requests));
        }
    });
    let schemas = document["components"]["schemas"].as_object_mut();
    for (_, schema) in schemas
        .into_iter()
        .flatten()
        .filter(|(name, _)| !of_requests.contains(*name))
    {
        walk(schema, &mut |schema| {
            // A member may be called `example`.
            if schema.contains_key("type") || schema.contains_key("$ref") || schema.contains_key("oneOf") {
                schema.remove("example");
            }
        });
    }
}
