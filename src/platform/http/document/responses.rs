//! The problems that operations have in common, and the headers of each response.

use serde_json::{Map, Value, json};

use super::set_default;

/// Adds the status codes that follow from an operation's security, body and parameters. Handlers name only their own
/// (409, 422); here all of them get a problem document as body.
pub fn common(path: &str, verb: &str, operation: &mut Value) {
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
            "Busy, or the database is unavailable; try again after `Retry-After` seconds",
        ),
        ("default", "Any other problem"),
    ];
    if secured {
        wanted.extend([
            ("401", "No valid access token"),
            ("403", "The role, the scope or the section does not allow this"),
            ("404", "Not found, or in another district"),
        ]);
    }
    if path.contains('{') {
        wanted.push(("404", "Not found, or in another district"));
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
        let not_modified = json!({"description": "The caller has the current content", "headers": {"ETag": {}}});
        set_default(&mut operation["responses"], "304", not_modified);
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        for (status, response) in responses
            .iter_mut()
            .filter(|(status, _)| status.starts_with(['4', '5']))
        {
            let description = response["description"].as_str().unwrap_or(status).to_owned();
            *response = problem(&description);
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

/// A header of many responses. `always`: present wherever it is documented.
struct Header {
    name: &'static str,
    description: &'static str,
    example: &'static str,
    always: bool,
}

const HEADERS: [Header; 11] = [
    Header {
        name: "API-Version",
        description: "Version of the contract",
        example: env!("CARGO_PKG_VERSION"),
        always: true,
    },
    Header {
        name: "Cache-Control",
        description: "Who may cache the response: nobody (`no-store`), or anyone who asks again before use (`no-cache`)",
        example: "private, no-cache",
        always: true,
    },
    Header {
        name: "ETag",
        description: "Strong entity tag: send it in `If-None-Match` to read again, in `If-Match` to change",
        example: "\"6350a2f5e1c40\"",
        always: true,
    },
    Header {
        name: "Link",
        description: "The next page (`rel=\"next\"`), if there is one",
        example: "</v1/reports?limit=25&cursor=eyJ2IjoxfQ>; rel=\"next\"",
        always: false,
    },
    Header {
        name: "Location",
        description: "Path of the created record",
        example: "/v1/reports/0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f",
        always: true,
    },
    Header {
        name: "RateLimit",
        description: "The remaining quota: the class, `r` requests now, the full quota again after `t` seconds. Absent from `/health`, and if the class has no limit",
        example: "\"reads\";r=299;t=1",
        always: false,
    },
    Header {
        name: "RateLimit-Policy",
        description: "The quota: the class, `q` requests at once, and as many again in each `w` seconds. Absent like `RateLimit`",
        example: "\"reads\";q=300;w=15",
        always: false,
    },
    Header {
        name: "Retry-After",
        description: "Seconds after which to try again",
        example: "1",
        always: true,
    },
    Header {
        name: "WWW-Authenticate",
        description: "How to sign in, and what was wrong with the token",
        example: "Bearer realm=\"iku\", error=\"invalid_token\"",
        always: true,
    },
    Header {
        name: "X-Request-Id",
        description: "Id of this request in the log: the caller's own, if it sent at most 64 letters, digits and hyphens",
        example: "0b6f7d9e-3f0e-4c57-9a31-6c1f0e3c2b11",
        always: true,
    },
    Header {
        name: "traceparent",
        description: "The trace of this request (W3C Trace Context): the caller's, or else a new one",
        example: "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-00",
        always: true,
    },
];

/// Every response has these.
const EVERYWHERE: [&str; 6] = [
    "API-Version",
    "Cache-Control",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-Id",
    "traceparent",
];

/// The headers that responses refer to, as components.
pub fn add_headers(document: &mut Value) {
    let components = HEADERS.iter().map(|header| {
        let schema = json!({"type": "string", "maxLength": 1000, "example": header.example});
        let about = json!({"description": header.description, "required": header.always, "schema": schema});
        (header.name.to_owned(), about)
    });
    document["components"]["headers"] = Value::Object(components.collect());
}

/// Adds the headers of each response: those of every response, those of its status, and those that its type names.
pub fn headers(verb: &str, operation: &mut Value) {
    let has_pages = verb == "get" && has_parameter(operation, "cursor");
    let responses = operation["responses"].as_object_mut();
    for (status, response) in responses.into_iter().flatten() {
        let Some(response) = response.as_object_mut() else {
            continue;
        };
        let headers = response.entry("headers").or_insert_with(|| Value::Object(Map::new()));
        let mut has = EVERYWHERE.to_vec();
        match status.as_str() {
            "401" => has.push("WWW-Authenticate"),
            "429" | "503" => has.push("Retry-After"),
            "200" if has_pages => has.push("Link"),
            _ => {}
        }
        has.extend(
            HEADERS
                .iter()
                .map(|h| h.name)
                .filter(|name| headers.get(name).is_some()),
        );
        for name in has {
            headers[name] = json!({ "$ref": format!("#/components/headers/{name}") });
        }
    }
}
