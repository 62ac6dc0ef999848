//! Finishing touches to the OpenAPI document that hold for every operation, so that no handler repeats them.

use serde_json::{Map, Value, json};

const VERBS: [&str; 5] = ["get", "put", "post", "delete", "patch"];
/// No NUL, and something beside blanks.
const SOME_WORD: &str = r"^([^\u0000]*[^\s\u0000][^\u0000]*)?$";
const NO_NUL: &str = r"^[^\u0000]*$";

/// Adds what every operation answers (problems, headers), closes request bodies, keeps NUL out of strings.
pub fn finish(document: &mut Value) {
    close_request_bodies(document);
    each_schema(document, &mut tighten);
    let schemas = document["components"]["schemas"].clone();
    let Some(paths) = document["paths"].as_object_mut() else {
        return;
    };
    for (path, item) in paths {
        for verb in VERBS {
            if let Some(operation) = item.get_mut(verb) {
                common_responses(path, verb, operation);
                each_parameter(operation, &schemas);
                open_to_clients(operation);
                success_headers(verb, operation);
            }
        }
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

/// The status codes that follow from what an operation is. A handler names only those of its own (409, 422); that
/// every one of them is a problem document is said here.
fn common_responses(path: &str, verb: &str, operation: &mut Value) {
    let secured = operation["security"]
        .as_array()
        .is_some_and(|s| s.iter().any(|r| r.get("oauth2").is_some()));
    let has_body = operation.get("requestBody").is_some();
    let conditional = has_parameter(operation, "If-Match");
    let mut wanted = vec![
        ("400", "The request breaks the contract"),
        ("500", "The service failed"),
        (
            "503",
            "Busy, or the database is away; try again after `Retry-After` seconds",
        ),
        ("default", "Any other problem"),
    ];
    if secured {
        wanted.extend([
            ("401", "No valid access token"),
            ("403", "The role, the scope or the section does not allow it"),
            ("404", "There is no such thing, or it belongs to another district"),
        ]);
    }
    if path.contains('{') {
        wanted.push(("404", "There is no such thing, or it belongs to another district"));
    }
    if has_body {
        wanted.extend([
            ("413", "The body is too large"),
            ("415", "The content type is not supported"),
        ]);
    }
    if conditional {
        wanted.extend([("412", "Changed since it was read"), ("428", "`If-Match` is required")]);
    }
    wanted.push(("429", "Too many requests; try again after `Retry-After` seconds"));
    if verb == "get" && operation["responses"]["200"]["headers"].get("ETag").is_some() {
        let not_modified =
            json!({"description": "The caller has the current one", "headers": {"ETag": header("Strong entity tag")}});
        set_default(&mut operation["responses"], "304", not_modified);
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        for (status, response) in responses
            .iter_mut()
            .filter(|(status, _)| status.starts_with(['4', '5']))
        {
            let said = response["description"].as_str().unwrap_or(status).to_owned();
            *response = problem(&said);
        }
    }
    for (status, description) in wanted {
        set_default(&mut operation["responses"], status, problem(description));
    }
}

fn has_parameter(operation: &Value, name: &str) -> bool {
    operation["parameters"]
        .as_array()
        .is_some_and(|ps| ps.iter().any(|p| p["name"] == name))
}

fn problem(description: &str) -> Value {
    json!({
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    })
}

fn header(description: &str) -> Value {
    json!({"description": description, "schema": {"type": "string", "maxLength": 1000}})
}

fn set_default(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.entry(key).or_insert(value);
    }
}

/// Headers on every success: the version of the contract, the request's id, and what the verb promises.
fn success_headers(verb: &str, operation: &mut Value) {
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for (status, response) in responses {
        let Some(response) = response.as_object_mut().filter(|_| status.starts_with(['2', '3'])) else {
            continue;
        };
        let headers = response.entry("headers").or_insert_with(|| Value::Object(Map::new()));
        set_default(headers, "API-Version", header("Version of the contract"));
        set_default(headers, "X-Request-Id", header("Id of this request, as in the log"));
        if verb == "post" && status == "201" {
            set_default(headers, "Location", header("Path of what was created"));
        }
    }
}

fn each_parameter(operation: &mut Value, schemas: &Value) {
    // Indexing would write `"parameters": null` where there are none, and Swagger UI sends nothing then.
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        if parameter["in"] == "query" {
            let schema = &mut parameter["schema"];
            // An absent parameter is not sent as null.
            if let Some(types) = schema["type"].as_array().cloned() {
                let rest: Vec<Value> = types.into_iter().filter(|t| t != "null").collect();
                schema["type"] = if rest.len() == 1 {
                    rest.into_iter().next().unwrap_or_default()
                } else {
                    rest.into()
                };
            }
            if let Some(one_of) = schema["oneOf"].as_array() {
                let rest: Vec<Value> = one_of.iter().filter(|s| s["type"] != "null").cloned().collect();
                if let [only] = rest.as_slice() {
                    *schema = only.clone();
                }
            }
            walk(schema, &mut tighten);
            if parameter["required"] != true {
                tell_the_example(parameter, schemas);
            }
        }
    }
}

/// Swagger UI fills in examples and sends them all, which would filter every list: an optional parameter tells its
/// example in the description instead.
fn tell_the_example(parameter: &mut Value, schemas: &Value) {
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
        let said = parameter["description"].as_str().unwrap_or_default();
        parameter["description"] = format!("{said} Example: `{example}`.").trim().into();
    }
}

/// JSON request bodies are closed: unknown fields are refused. Forms stay open, as OAuth2 wants it.
fn close_request_bodies(document: &mut Value) {
    let mut names = Vec::new();
    for item in document["paths"].as_object().into_iter().flat_map(Map::values) {
        for verb in VERBS {
            let content = item[verb]["requestBody"]["content"].as_object();
            for (_, media) in content.into_iter().flatten().filter(|(kind, _)| kind.ends_with("json")) {
                references(&media["schema"], &mut names);
            }
        }
    }
    let mut done = 0;
    while done < names.len() {
        let name = names[done].clone();
        let schema = document["components"]["schemas"][&name].clone();
        references(&schema, &mut names);
        if schema.get("properties").is_some() {
            set_default(
                &mut document["components"]["schemas"][&name],
                "additionalProperties",
                Value::Bool(false),
            );
        }
        done += 1;
    }
}

/// Names of the components that a schema refers to, each once.
fn references(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(name) = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|r| r.rsplit('/').next())
                && !names.iter().any(|n| n == name)
            {
                names.push(name.to_owned());
            }
            members.values().for_each(|v| references(v, names));
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, names)),
        _ => {}
    }
}

fn each_schema(document: &mut Value, f: &mut impl FnMut(&mut Map<String, Value>)) {
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.values_mut().for_each(|s| walk(s, f));
    }
}

fn walk(schema: &mut Value, f: &mut impl FnMut(&mut Map<String, Value>)) {
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

/// Free text refuses NUL (PostgreSQL cannot store it).
fn tighten(schema: &mut Map<String, Value>) {
    let is_string = match schema.get("type") {
        Some(Value::String(t)) => t == "string",
        Some(Value::Array(ts)) => ts.iter().any(|t| t == "string"),
        _ => false,
    };
    let free = !["pattern", "format", "enum", "const"]
        .iter()
        .any(|k| schema.contains_key(*k));
    if is_string && free {
        let must_say_something = schema.get("minLength").and_then(Value::as_u64).is_some_and(|n| n > 0);
        let pattern = if must_say_something { SOME_WORD } else { NO_NUL };
        schema.insert("pattern".to_owned(), Value::from(pattern));
    }
}
