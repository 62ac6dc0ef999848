//! Checks every response of the tests against the OpenAPI document, which also forbids undocumented properties.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use actix_web::dev::ResourceDef;
use actix_web::http::header::HeaderMap;
use jsonschema::Validator;
use serde_json::{Value, json};

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::new(iku::app::openapi()));

struct Contract {
    document: Value,
    routes: Vec<(ResourceDef, String)>,
    validators: Mutex<HashMap<String, &'static Validator>>,
}

/// Panics with every difference between a response and the document.
pub fn check(method: &str, path: &str, status: u16, headers: &HeaderMap, body: &[u8]) {
    CONTRACT.check(method, path, status, headers, body);
}

impl Contract {
    fn new(mut document: Value) -> Self {
        let mut routes = Vec::new();
        for path in document["paths"].as_object().unwrap().keys() {
            routes.push((ResourceDef::new(path.as_str()), path.clone()));
        }
        // A literal path before one with parameters: `/reports/completeness` before `/reports/{id}`.
        routes.sort_by_key(|(_, path)| path.matches('{').count());
        for schema in document["components"]["schemas"].as_object_mut().unwrap().values_mut() {
            close(schema);
        }
        Self {
            document,
            routes,
            validators: Mutex::default(),
        }
    }

    fn check(&self, method: &str, path: &str, status: u16, headers: &HeaderMap, body: &[u8]) {
        let path = path.split('?').next().unwrap();
        // OPTIONS is HTTP's own, and so are the preflights of browsers.
        let is_preflight = method == "OPTIONS" && matches!(status, 200 | 204 | 400);
        if iku::ops::is_undocumented(path) || iku::pages::has(path) || is_preflight {
            return;
        }
        let Some((_, template)) = self.routes.iter().find(|(def, _)| def.is_match(path)) else {
            // A caller above its limit gets 429 at any path.
            return assert!(
                matches!(status, 404 | 414 | 429 | 501),
                "{method} {path} is not in the document"
            );
        };
        let method = if method == "HEAD" {
            "get".to_owned()
        } else {
            method.to_lowercase()
        };
        let operation = &self.document["paths"][template][&method];
        if operation.is_null() {
            return assert!(
                matches!(status, 405 | 414 | 501),
                "{method} {template} is not in the document"
            );
        }
        let at = format!("{method} {template} {status}");
        let response = operation["responses"]
            .get(status.to_string())
            // What HTTP defines for every operation.
            .or_else(|| {
                operation["responses"]
                    .get("default")
                    .filter(|_| matches!(status, 406 | 412 | 414 | 501))
            })
            .unwrap_or_else(|| panic!("{at} is not documented"));
        self.check_headers(&at, response, headers);
        // The language of a page for a browser is not part of the contract.
        let is_page = headers
            .get("content-type")
            .is_some_and(|v| v.to_str().unwrap().starts_with("text/html"));
        let says_language = headers.contains_key("content-language") && !is_page;
        let documents_it = response["headers"].get("Content-Language").is_some();
        assert!(
            documents_it || !says_language,
            "{at}: Content-Language is not documented"
        );
        let Some(content) = response.get("content") else {
            return assert!(body.is_empty(), "{at}: a body that is not documented");
        };
        if body.is_empty() {
            return;
        }
        let content_type = headers.get("content-type").map_or("", |v| v.to_str().unwrap());
        let media = content_type.split(';').next().unwrap();
        let schema = &content
            .get(media)
            .unwrap_or_else(|| panic!("{at}: {media} is not documented"))["schema"];
        if !media.ends_with("json") {
            return;
        }
        let body: Value = serde_json::from_slice(body).unwrap_or_else(|e| panic!("{at}: no JSON: {e}"));
        let faults: Vec<String> = self
            .validator(&format!("{at} {media}"), schema)
            .iter_errors(&body)
            .map(|e| format!("  {}: {e}", e.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{at}:\n{}\n{body:#}", faults.join("\n"));
    }

    /// Checks that every required header is present, and that no header is longer than documented.
    fn check_headers(&self, at: &str, response: &Value, headers: &HeaderMap) {
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let header = match header["$ref"].as_str() {
                Some(reference) => self.document.pointer(&reference[1..]).unwrap(),
                None => header,
            };
            let value = headers.get(name).map(|v| v.to_str().unwrap());
            assert!(value.is_some() || header["required"] != true, "{at}: no {name}");
            let longest = header["schema"]["maxLength"].as_u64().unwrap();
            assert!(
                value.unwrap_or_default().len() as u64 <= longest,
                "{at}: {name} is too long"
            );
        }
    }

    fn validator(&self, key: &str, schema: &Value) -> &'static Validator {
        let mut known = self.validators.lock().unwrap_or_else(|e| e.into_inner());
        known.entry(key.to_owned()).or_insert_with(|| {
            let mut schema = schema.clone();
            schema["components"] = json!({"schemas": self.document["components"]["schemas"]});
            Box::leak(Box::new(iku::platform::http::schema::compile(&schema).unwrap()))
        })
    }
}

/// Forbids members that the document does not describe.
fn close(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        if object.contains_key("properties") && !object.contains_key("allOf") {
            object.entry("additionalProperties").or_insert(Value::Bool(false));
        }
        object.values_mut().for_each(close);
    } else if let Some(items) = schema.as_array_mut() {
        items.iter_mut().for_each(close);
    }
}
