//! The document: equal to the committed file, complete, and in agreement with the routes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::methods::concrete;
use crate::support::backend::Backend;
use crate::support::world::World;

pub const VERBS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every operation with its name, such as "get /reports".
pub fn operations(document: &Value) -> Vec<(String, &Value)> {
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
    let now = iku::platform::http::document::as_json(&iku::app::published()).unwrap();
    let differs = committed.lines().zip(now.lines()).position(|(a, b)| a != b);
    assert!(
        committed == now,
        "openapi/openapi.json is not what the code says (first difference in line {}). If the change is meant:\n\n    \
         cargo run -- openapi > openapi/openapi.json\n",
        differs.map_or(committed.lines().count(), |line| line) + 1
    );
}

/// Generators, phones and people read the document often.
#[test]
fn published_document_is_small() {
    let document = iku::app::published();
    let paths = document["paths"].as_object().unwrap().values();
    let operations: usize = paths.map(|item| item.as_object().unwrap().len()).sum();
    let (bytes, most) = (document.to_string().len(), 3600 * operations);
    assert!(bytes <= most, "{bytes} of {most} bytes without blanks");
}

/// Returns the response or the parameter itself, where the operation refers to a component.
fn own<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value["$ref"].as_str();
    reference.map_or(value, |r| document.pointer(&r[1..]).unwrap())
}

/// All other tests look at the operations before they refer to components.
#[test]
fn published_operations_share_equal_responses_and_parameters() {
    let (whole, published) = (iku::app::openapi(), iku::app::published());
    let all = operations(&whole);
    assert_eq!(all.len(), operations(&published).len());
    let mut inline = BTreeSet::new();
    let mut once = |place: String, value: &Value| {
        let is_new = value.get("$ref").is_some() || inline.insert(value.to_string());
        assert!(is_new, "{place} is also elsewhere");
    };
    for ((name, whole), (_, short)) in all.iter().zip(operations(&published)) {
        let responses = whole["responses"].as_object().unwrap();
        assert_eq!(responses.len(), short["responses"].as_object().unwrap().len(), "{name}");
        for (status, response) in responses {
            let found = &short["responses"][status];
            once(format!("{name} {status}"), found);
            let mut found = own(&published, found).clone();
            let mut expected = response.clone();
            if status != "default" {
                // The headers of every response are documented once, in `default`.
                for response in [&mut found, &mut expected] {
                    response.as_object_mut().unwrap().remove("headers");
                }
            }
            for response in [&mut found, &mut expected] {
                for media in response["content"].as_object_mut().into_iter().flatten() {
                    without_examples(media.1);
                }
            }
            assert_eq!(found, expected, "{name} {status}");
        }
        let parameters = |operation: &Value| operation["parameters"].as_array().cloned().unwrap_or_default();
        let short = parameters(short);
        short
            .iter()
            .for_each(|parameter| once(format!("{name} {parameter}"), parameter));
        let mut found: Vec<Value> = short
            .iter()
            .map(|parameter| own(&published, parameter).clone())
            .collect();
        let mut expected = parameters(whole);
        found.iter_mut().chain(&mut expected).for_each(without_examples);
        assert_eq!(found, expected, "{name}");
    }
}

/// The examples are added at the end.
fn without_examples(described: &mut Value) {
    for name in ["example", "examples"] {
        described.as_object_mut().unwrap().remove(name);
        described["schema"].as_object_mut().unwrap().remove(name);
    }
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

/// Generated clients send a default, and some write it as `1`, `0` or an empty text.
#[test]
fn booleans_of_queries_are_optional_without_default() {
    let document = iku::app::openapi();
    let mut seen = 0;
    for (name, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        for parameter in parameters.filter(|p| p["schema"]["type"] == "boolean") {
            assert_ne!(parameter["required"], true, "{name}: {parameter}");
            assert!(parameter["schema"].get("default").is_none(), "{name}: {parameter}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[actix_web::test]
async fn booleans_of_queries_may_be_digits() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    for (text, total) in [("true", true), ("1", true), ("false", false), ("0", false)] {
        let page = admin.get(&format!("/v1/villages?count={text}")).await.status(200);
        assert_eq!(page.json.get("total").is_some(), total, "{text}");
    }
    for text in ["yes", "2", "TRUE", "01", ""] {
        let refused = admin.get(&format!("/v1/villages?count={text}")).await;
        assert_eq!(refused.problem(400, "invalid_query").pointers(), ["count"]);
    }
}

/// A client that was written against version 0.1 sends these names.
#[actix_web::test]
async fn former_name_of_a_filter_is_refused_with_the_present_one() {
    const RENAMED: [(&str, &str); 4] = [
        ("device", "client_id"),
        ("district", "district_code"),
        ("survey", "survey_id"),
        ("village", "village_code"),
    ];
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin().in_english();
    let document = iku::app::openapi();
    let mut seen = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for parameter in item["get"]["parameters"].as_array().into_iter().flatten() {
            let renamed = RENAMED
                .iter()
                .find(|(_, new)| parameter["in"] == "query" && parameter["name"] == *new);
            let Some((old, new)) = renamed else { continue };
            let refused = admin.get(&format!("{}?{old}=x", concrete(path))).await;
            let refused = refused.problem(400, "invalid_query");
            let errors = refused.json["errors"].as_array().unwrap();
            let error = errors.iter().find(|e| e["parameter"] == *old).unwrap();
            assert_eq!(error["code"], "unknown_field");
            assert_eq!(
                error["detail"],
                format!("This parameter is now called `{new}`."),
                "{path}"
            );
            seen.insert(*new);
        }
    }
    assert_eq!(seen.len(), RENAMED.len(), "{seen:?}");
    // Where there is no such filter, there is no new name.
    let refused = admin
        .get("/v1/sections?district=63.11.06")
        .await
        .problem(400, "invalid_query");
    assert_eq!(
        refused.json["errors"][0]["detail"],
        "Unknown. There are: count, cursor, limit."
    );
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
                let is_oauth = ["/auth/token", "/auth/revoke"].iter().any(|path| name.ends_with(path));
                let expected = match is_oauth {
                    true => ("application/json", "#/components/schemas/OAuthProblem"),
                    false => ("application/problem+json", "#/components/schemas/Problem"),
                };
                let found = content
                    .iter()
                    .map(|(media, body)| (media.as_str(), body["schema"]["$ref"].as_str().unwrap()));
                assert_eq!(found.collect::<Vec<_>>(), [expected], "{name} {status}");
            }
        }
    }
}

#[test]
fn every_reference_exists() {
    let document = iku::app::published();
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
    let document = iku::app::published();
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
            Some(Value::Object(examples)) => {
                examples
                    .values()
                    .for_each(|e| check(at, &schema, &own(&document, e)["value"]));
            }
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
