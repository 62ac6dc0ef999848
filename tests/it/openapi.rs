//! The document: equal to the committed file, complete, and in agreement with the routes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::backend::Backend;
use crate::support::world::World;

const VERBS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every operation with its name, such as "get /reports".
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for verb in VERBS {
            if let Some(operation) = item.get(verb) {
                all.push((format!("{verb} {path}"), operation));
            }
        }
    }
    all
}

/// Calls `f` with every object in the document and its pointer.
fn each(value: &Value, at: &str, f: &mut impl FnMut(&str, &serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            f(at, members);
            members.iter().for_each(|(k, v)| each(v, &format!("{at}/{k}"), f));
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(i, v)| each(v, &format!("{at}/{i}"), f)),
        _ => {}
    }
}

#[test]
fn committed_document_is_up_to_date() {
    let committed = fs::read_to_string(root().join("openapi/openapi.json")).unwrap_or_default();
    let now = iku::platform::http::document::as_json(&iku::app::openapi()).unwrap();
    let differs = committed.lines().zip(now.lines()).position(|(a, b)| a != b);
    assert!(
        committed == now,
        "openapi/openapi.json is not what the code says (first difference in line {}). If the change is meant:\n\n    \
         cargo run -- openapi > openapi/openapi.json\n",
        differs.map_or(committed.lines().count(), |line| line) + 1
    );
}

#[test]
fn yaml_has_the_same_operations() {
    let document = iku::app::openapi();
    let yaml = iku::ops::contract::as_yaml(&document).unwrap();
    assert!(yaml.contains("openapi: 3.1.0"), "{}", &yaml[..200]);
    assert!(yaml.contains("operationId: createReport"));
}

#[test]
fn every_operation_has_id_texts_tag_and_security() {
    let document = iku::app::openapi();
    let mut declared = BTreeSet::new();
    for tag in document["tags"].as_array().unwrap() {
        assert!(!tag["description"].as_str().unwrap().is_empty());
        assert!(declared.insert(tag["name"].as_str().unwrap()), "{tag} twice");
    }
    let mut ids = BTreeSet::new();
    let mut failures = Vec::new();
    for (name, operation) in operations(&document) {
        let text = |member: &str| operation[member].as_str().unwrap_or_default();
        let id = text("operationId");
        if id.is_empty() || !ids.insert(id.to_owned()) {
            failures.push(format!("{name}: operationId \"{id}\" is missing or taken"));
        }
        for member in ["summary", "description"] {
            if text(member).is_empty() {
                failures.push(format!("{name}: no {member}"));
            }
        }
        match operation["tags"].as_array().map(Vec::as_slice) {
            Some([tag]) if declared.contains(tag.as_str().unwrap()) => {}
            other => failures.push(format!("{name}: not exactly one declared tag: {other:?}")),
        }
        if operation.get("security").is_none() {
            failures.push(format!("{name}: says nothing about security"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// Swagger UI fails on `"parameters": null`: it sends nothing and shows nothing.
#[test]
fn parameters_are_a_list_or_absent() {
    let document = iku::app::openapi();
    for (name, operation) in operations(&document) {
        let parameters = operation.get("parameters");
        assert!(parameters.is_none_or(Value::is_array), "{name}: {parameters:?}");
    }
}

#[test]
fn every_tag_is_used() {
    let document = iku::app::openapi();
    let used: Vec<&Value> = operations(&document).iter().map(|(_, o)| &o["tags"][0]).collect();
    for tag in document["tags"].as_array().unwrap() {
        assert!(used.contains(&&tag["name"]), "no operation has the tag {tag}");
    }
}

/// Swagger UI sends every example, and an example of an optional filter would empty the list.
#[test]
fn optional_filters_have_no_example() {
    let document = iku::app::openapi();
    for (name, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" && parameter["required"] != true {
                let schema = match parameter["schema"]["$ref"].as_str() {
                    Some(reference) => document.pointer(&reference[1..]).unwrap(),
                    None => &parameter["schema"],
                };
                for at in [parameter, schema] {
                    assert!(at.get("example").is_none(), "{name}: {parameter}");
                }
            }
        }
    }
}

#[test]
fn every_failure_is_a_problem() {
    let document = iku::app::openapi();
    for (name, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let description = response["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{name} {status}: no description");
            if status == "default" || status.starts_with(['4', '5']) {
                let content = response["content"].as_object().unwrap();
                assert_eq!(
                    content.keys().collect::<Vec<_>>(),
                    ["application/problem+json"],
                    "{name} {status}"
                );
            }
        }
    }
}

#[test]
fn every_reference_exists() {
    let document = iku::app::openapi();
    let mut seen = 0;
    each(&document, "#", &mut |at, members| {
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{at}: {reference} does not exist");
            seen += 1;
        }
    });
    assert!(seen > 50, "{seen}");
}

/// If two types have the same name, one of them silently replaces the other in the document.
#[test]
fn schema_names_are_unique() {
    fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.path() {
                path if path.is_dir() => sources(&path, found),
                path if path.extension().is_some_and(|e| e == "rs") => found.push(path),
                _ => {}
            }
        }
    }
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let mut derived = false;
        let mut renamed = None;
        for line in text.lines().map(str::trim) {
            if line.starts_with("#[derive(") {
                derived = line.contains("ToSchema");
                renamed = None;
            }
            if let Some(name) = line.strip_prefix("#[schema(as = ") {
                renamed = name.split([',', ')']).next();
            }
            let words: Vec<&str> = line.split([' ', '<', '{', '(', ';']).collect();
            if let ["pub", "struct" | "enum", name, ..] = words.as_slice() {
                // `$name` is in a macro, whose callers give different names.
                if derived && !name.starts_with('$') {
                    let name = renamed.unwrap_or(name);
                    // Generated clients use these names for their own types.
                    assert!(!["Client", "Response", "Unit", "Any", "File"].contains(&name), "{name}");
                    places
                        .entry(name.to_owned())
                        .or_default()
                        .push(file.display().to_string());
                }
                derived = false;
            }
        }
    }
    assert!(places.contains_key("NewReport"), "the search finds nothing");
    places.retain(|_, files| files.len() > 1);
    assert!(places.is_empty(), "schema names used twice: {places:#?}");
}

#[test]
fn every_example_is_valid() {
    let document = iku::app::openapi();
    let mut failures = Vec::new();
    let mut seen = 0;
    let mut check = |at: &str, schema: &Value, example: &Value| {
        let mut schema = schema.clone();
        schema["components"] = document["components"].clone();
        let validator = iku::platform::http::schema::compile(&schema).unwrap();
        seen += 1;
        for error in validator.iter_errors(example) {
            failures.push(format!("{at}: {example}: {error}"));
        }
    };
    each(&document, "#", &mut |at, members| {
        // Parameters and media types have a schema beside the example; other objects are schemas themselves.
        let schema = members.get("schema").cloned().unwrap_or_else(|| json!(members));
        let is_schema = members.contains_key("schema")
            || ["type", "$ref", "oneOf", "allOf", "anyOf"]
                .iter()
                .any(|k| members.contains_key(*k));
        if !is_schema || at.ends_with("/properties") || at.contains("/example") {
            return;
        }
        if let Some(example) = members.get("example") {
            check(at, &schema, example);
        }
        match members.get("examples") {
            Some(Value::Array(examples)) => examples.iter().for_each(|e| check(at, &schema, e)),
            Some(Value::Object(examples)) => examples.values().for_each(|e| check(at, &schema, &e["value"])),
            _ => {}
        }
    });
    assert!(seen > 20, "{seen}");
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn every_list_has_limit_and_cursor() {
    let document = iku::app::openapi();
    let mut lists = 0;
    for (name, operation) in operations(&document) {
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let Some(reference) = schema["$ref"].as_str() else {
            continue;
        };
        let schema = document.pointer(&reference[1..]).unwrap();
        if !name.starts_with("get ") || schema["properties"].get("next_cursor").is_none() {
            continue;
        }
        lists += 1;
        let parameters = operation["parameters"].as_array().unwrap();
        for wanted in ["limit", "cursor"] {
            assert!(parameters.iter().any(|p| p["name"] == wanted), "{name} lacks {wanted}");
        }
    }
    assert!(lists > 1, "{lists}");
}

/// Returns a path of the document with values for its parameters.
fn concrete(path: &str, item: &Value) -> String {
    let outside = item.as_object().unwrap().values().any(|o| o.get("servers").is_some());
    let mut out = if outside { String::new() } else { "/v1".to_owned() };
    for part in path.split('/').skip(1) {
        out.push('/');
        match part.strip_prefix('{') {
            None => out.push_str(part),
            Some("id}") | Some("response_id}") => out.push_str("0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f"),
            Some(_) => out.push('1'),
        }
    }
    out
}

#[actix_web::test]
async fn patch_of_another_media_type_is_415_with_accept_patch() {
    let world = World::on(Backend::Sqlite).await;
    let reply = world
        .admin()
        .with("if-match", "*")
        .send(
            "PATCH",
            "/v1/villages/63.11.06.2005",
            "application/xml",
            b"<a/>".to_vec(),
        )
        .await
        .problem(415, "unsupported_media_type");
    assert_eq!(
        reply.header("accept-patch"),
        "application/merge-patch+json, application/json"
    );
}

#[actix_web::test]
async fn every_method_that_the_document_lacks_is_405() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    let document = iku::app::openapi();
    for (path, item) in document["paths"].as_object().unwrap() {
        let at = concrete(path, item);
        let has = |verb: &str| item.get(verb.to_lowercase()).is_some();
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY"] {
            if has(method) {
                continue;
            }
            let reply = anyone.send(method, &at, "", Vec::new()).await;
            let reply = reply.problem(405, "method_not_allowed");
            let allow: BTreeSet<&str> = reply.header("allow").split(", ").collect();
            let mut expected: BTreeSet<String> = VERBS.iter().filter(|v| has(v)).map(|v| v.to_uppercase()).collect();
            if has("GET") {
                expected.insert("HEAD".to_owned());
            }
            assert_eq!(allow, expected.iter().map(String::as_str).collect(), "{method} {at}");
        }
        if has("GET") {
            let (get, head) = (anyone.get(&at).await, anyone.send("HEAD", &at, "", Vec::new()).await);
            assert_eq!(get.status, head.status, "HEAD {at}");
        }
    }
    for page in ["/", "/swagger-ui", "/swagger-ui/"] {
        let reply = anyone.send("POST", page, "", Vec::new()).await;
        let reply = reply.problem(405, "method_not_allowed");
        assert_eq!(reply.header("allow"), "GET, HEAD");
    }
}

#[actix_web::test]
async fn unknown_paths_are_404() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    let mut failures = Vec::new();
    for path in [
        "/v1",
        "/v1/",
        "/v1/unknown",
        "/unknown",
        "/v1/reports/",
        "/v2/reports",
        "/%00",
        "/v1/reports//",
    ] {
        for method in ["GET", "POST"] {
            let reply = anyone.send(method, path, "", Vec::new()).await;
            failures.extend(reply.unless_problem(404, "not_found"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
