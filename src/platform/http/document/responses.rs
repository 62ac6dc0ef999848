//! The problems that operations have in common, and the headers of each response.

use serde_json::{Map, Value, json};

use super::set_default;
use crate::platform::http::request_context::OAUTH_PATHS;

/// Adds the status codes that follow from an operation's security, body and parameters. Handlers name only their own
/// (409, 422); here all statuses get a problem document as body.
pub fn common(path: &str, verb: &str, operation: &mut Value) {
    let secured = operation["security"]
        .as_array()
        .is_some_and(|s| s.iter().any(|r| r.get("oauth2").is_some()));
    let has_body = operation.get("requestBody").is_some();
    let mut wanted = vec!["400", "429", "500", "503", "default"];
    if secured {
        wanted.extend(["401", "403", "404"]);
    }
    if path.contains('{') {
        wanted.push("404");
    }
    if has_body {
        wanted.extend(["408", "413", "415"]);
    }
    if has_parameter(operation, "If-Match") {
        wanted.extend(["412", "428"]);
    }
    if verb == "get" && secured {
        wanted.push("422");
    }
    if verb == "get" && operation["responses"]["200"]["headers"].get("ETag").is_some() {
        let not_modified = json!({"description": "The caller has the current content", "headers": {"ETag": {}}});
        set_default(&mut operation["responses"], "304", not_modified);
    }
    tell_own(path, operation);
    for status in wanted {
        set_default(&mut operation["responses"], status, problem(path, status));
    }
}

/// Moves what a handler says about its problems into the description of the operation, so that all operations have the
/// same responses.
fn tell_own(path: &str, operation: &mut Value) {
    let mut own = String::new();
    let responses = operation["responses"].as_object_mut();
    for (status, response) in responses.into_iter().flatten() {
        if status.starts_with(['4', '5']) && response.get("content").is_none() {
            let common = problem(path, status);
            if let Some(description) = response["description"]
                .as_str()
                .filter(|d| common["description"] != **d)
            {
                own.push_str(&format!("\n- `{status}`: {description}"));
            }
            *response = common;
        }
    }
    if !own.is_empty() {
        let description = operation["description"].as_str().unwrap_or_default();
        operation["description"] = format!("{description}\n{own}").into();
    }
}

fn has_parameter(operation: &Value, name: &str) -> bool {
    operation["parameters"]
        .as_array()
        .is_some_and(|ps| ps.iter().any(|p| p["name"] == name))
}

fn problem(path: &str, status: &str) -> Value {
    let description = match status {
        "400" => "The request breaks the contract",
        "401" => "No valid access token",
        "403" => "The role, the scope or the section does not allow this",
        "404" => "Not found, or in another district",
        "408" => "The body arrives too slowly; the connection closes",
        "409" => "The stored records do not allow this",
        "412" => "Changed since it was read",
        "413" => "The body is too large",
        "415" => "The content type is not supported",
        "422" => "A rule refuses the values, or the request needs too much data",
        "428" => "`If-Match` is required",
        "429" => "Too many requests; try again after `Retry-After` seconds",
        "500" => "The service failed",
        "503" => "Busy, or the database is unavailable; try again after `Retry-After` seconds",
        _ => "Any other problem, for example 405, 406, 412 (`If-Match` of a read), 414 or 501 as RFC 9110 defines them",
    };
    let (media, schema) = match OAUTH_PATHS.contains(&path) {
        true => ("application/json", "OAuthProblem"),
        false => ("application/problem+json", "Problem"),
    };
    let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
    json!({ "description": description, "content": {media: {"schema": schema}} })
}

/// A header of many responses. `always`: present wherever it is documented.
struct Header {
    name: &'static str,
    description: &'static str,
    example: &'static str,
    always: bool,
}

const HEADERS: [Header; 13] = [
    Header {
        name: "API-Version",
        description: "Version of the contract",
        example: env!("CARGO_PKG_VERSION"),
        always: true,
    },
    Header {
        name: "Cache-Control",
        description: "`no-store`: caches must not store the response; `no-cache`: they must ask again before use",
        example: "private, no-cache",
        always: true,
    },
    Header {
        name: "Content-Disposition",
        description: "The name of the file",
        example: "attachment; filename=\"realisasi-63.11.06-2025.csv\"",
        always: true,
    },
    Header {
        name: "Content-Language",
        description: "The language of the sentences: `id` or `en`, by `Accept-Language`",
        example: "id",
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
        description: "The quota: the class, a burst of `q` requests, which `w` seconds restore. Absent like `RateLimit`",
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
        description: "The authentication scheme, and the error of the token",
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
        description: "The trace of this request (W3C Trace Context): the caller's trace, or else a new trace",
        example: "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-00",
        always: true,
    },
];

/// The headers of every response.
pub const EVERYWHERE: [&str; 6] = [
    "API-Version",
    "Cache-Control",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-Id",
    "traceparent",
];

/// Adds the components of the headers that responses refer to.
pub fn add_headers(document: &mut Value) {
    let components = HEADERS.iter().map(|header| {
        // The longest cursor has 2,000 characters.
        let longest = if header.name == "Link" { 4000 } else { 1000 };
        let schema = json!({"type": "string", "maxLength": longest, "example": header.example});
        let about = json!({"description": header.description, "required": header.always, "schema": schema});
        (header.name.to_owned(), about)
    });
    document["components"]["headers"] = Value::Object(components.collect());
}

/// Adds the headers of each response: the common headers, the headers of its status, and the headers that its type
/// names.
pub fn headers(verb: &str, operation: &mut Value) {
    let has_pages = verb == "get" && has_parameter(operation, "cursor");
    let responses = operation["responses"].as_object_mut();
    for (status, response) in responses.into_iter().flatten() {
        let Some(response) = response.as_object_mut() else {
            continue;
        };
        let headers = response.entry("headers").or_insert_with(|| Value::Object(Map::new()));
        let mut has = EVERYWHERE.to_vec();
        if status == "default" || status.starts_with(['4', '5']) {
            has.push("Content-Language");
        }
        match status.as_str() {
            "401" => has.push("WWW-Authenticate"),
            "429" | "503" => has.push("Retry-After"),
            "200" | "304" if has_pages => has.push("Link"),
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
