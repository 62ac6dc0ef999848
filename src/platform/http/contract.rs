//! Validates requests against the document that the service publishes, so the two cannot differ.
//!
//! The component schema of its type validates a body; the parameters of the operation validate path and query. One
//! response reports all errors of a body, or all errors of a path and its query.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;
use bytes::Bytes;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::accept::{ACCEPT_PATCH, ensure_acceptable};
use super::document::{self, VERBS};
use super::field_errors::field_errors;
use super::hints::{Hints, collect_examples, collect_names};
use super::parameter_rules::{ParameterRules, reader};
use super::path_template::fits;
use super::schema;
use crate::platform::error::{Code, Error};

/// The finished OpenAPI document, compiled.
#[derive(Debug)]
pub struct Contract {
    /// The published document, with [`ADDRESS`](document::ADDRESS) as its address. As a tree it would take ten times as much memory.
    text: Bytes,
    /// The component schemas; empty after all are compiled.
    schemas: Value,
    /// Bodies, and the items of batches.
    bodies: HashMap<String, Validator>,
    /// Bodies whose `items` are not validated.
    batch_bodies: HashMap<String, Validator>,
    /// By method, then by pattern, so that a look-up need not allocate a key.
    parameters: HashMap<String, HashMap<String, Parameters>>,
    /// By the template of the path.
    methods: Vec<(String, PathMethods)>,
    /// The methods of the paths without parameters.
    static_paths: HashMap<String, String>,
    /// The names of all members in a body, by its component.
    names: HashMap<String, BTreeSet<String>>,
    /// A right value for each pattern.
    examples: HashMap<String, String>,
    /// The bodies of creating operations: those with an `id` of the client.
    creations: BTreeSet<String>,
}

/// The methods of a path.
#[derive(Debug)]
pub struct PathMethods {
    /// For `Allow`.
    pub allow: String,
    /// The media types of bodies: `Accept-Post` and `Accept-Patch`.
    pub accepted: Vec<(HeaderName, String)>,
}

/// The rules of an operation for its path and its query.
#[derive(Debug)]
struct Parameters {
    path: Arc<ParameterRules>,
    query: Arc<ParameterRules>,
    /// The media types of its responses.
    offered: Vec<String>,
}

impl Contract {
    /// Compiles a document; an error names the schema that cannot be compiled.
    ///
    /// `document` makes the document. It is made twice, because it takes much memory and two of them at a time twice as much.
    pub fn compile(document: impl Fn() -> Value) -> Result<Self, String> {
        let text = published_text(document())?;
        let mut document = document();
        let mut contract = Contract {
            text,
            schemas: document["components"]["schemas"].take(),
            bodies: HashMap::new(),
            batch_bodies: HashMap::new(),
            parameters: HashMap::new(),
            methods: Vec::new(),
            static_paths: HashMap::new(),
            names: HashMap::new(),
            examples: HashMap::new(),
            creations: BTreeSet::new(),
        };
        collect_examples(&document["paths"], &mut contract.examples);
        collect_examples(&contract.schemas, &mut contract.examples);
        // Many operations have the same parameters.
        let mut known = HashMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            let (mut allow, mut accepted) = (Vec::new(), Vec::new());
            for verb in VERBS {
                let Some(operation) = item.get(verb) else { continue };
                allow.push(verb.to_uppercase());
                if verb == "get" {
                    allow.push("HEAD".to_owned());
                }
                let rules = Parameters {
                    path: contract.parameter_rules(operation, "path", &mut known)?,
                    query: contract.parameter_rules(operation, "query", &mut known)?,
                    offered: offered(operation),
                };
                let of_verb = contract.parameters.entry(verb.to_uppercase()).or_default();
                of_verb.insert(path.clone(), rules);
                contract.compile_bodies(operation)?;
                if verb == "post" {
                    contract
                        .creations
                        .extend(document::creation(operation, &contract.schemas));
                }
                accepted.extend(accepted_by(verb, operation));
            }
            allow.push("OPTIONS".to_owned());
            let allow = allow.join(", ");
            if !path.contains('{') {
                contract.static_paths.insert(path.clone(), allow.clone());
            }
            contract.methods.push((path.clone(), PathMethods { allow, accepted }));
        }
        contract.schemas = Value::Null;
        // Literal paths before those with parameters, as they are routed.
        contract
            .methods
            .sort_by_key(|(template, _)| template.matches('{').count());
        Ok(contract)
    }

    /// Returns the published document as JSON, with [`ADDRESS`](document::ADDRESS) as its address.
    pub fn text(&self) -> Bytes {
        self.text.clone()
    }

    /// Returns the methods of a path; `None` when there is no such path.
    pub fn methods_of(&self, path: &str) -> Option<&PathMethods> {
        let found = self.methods.iter().find(|(template, _)| fits(template, path));
        found.map(|(_, methods)| methods)
    }

    /// Returns the paths of all lists, sorted.
    pub fn collections(&self) -> Vec<String> {
        let has_pages = |path: &&String| {
            let rules = self.parameters.get("GET").and_then(|rules| rules.get(*path));
            rules.is_some_and(|rules| rules.query.readers.contains_key("cursor"))
        };
        let mut lists: Vec<String> = self.static_paths.keys().filter(has_pages).cloned().collect();
        lists.sort();
        lists
    }

    /// Returns whether the component schema `name` is the body of a creating POST, with an `id` of the client.
    pub fn is_creation(&self, name: &str) -> bool {
        self.creations.contains(name)
    }

    /// 405 if a path without parameters does not have the method.
    pub fn method_not_allowed(&self, method: &str, path: &str) -> Option<Error> {
        let allow = self.static_paths.get(path)?;
        let has = allow.split(", ").any(|m| m == method);
        (!has).then(|| Error::method_not_allowed(allow.as_str()))
    }

    fn compile_bodies(&mut self, operation: &Value) -> Result<(), String> {
        let content = operation["requestBody"]["content"].as_object();
        for name in content.into_iter().flat_map(Map::values).filter_map(component) {
            self.compile_body(&name)?;
            self.compile_batch_body(&name)?;
        }
        Ok(())
    }

    fn compile_body(&mut self, name: &str) -> Result<(), String> {
        if !self.bodies.contains_key(name) {
            let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
            let mut names = BTreeSet::new();
            collect_names(&self.with_components(schema.clone()), &mut names);
            self.names.insert(name.to_owned(), names);
            let validator = self.validator(schema).map_err(|e| format!("{name}: {e}"))?;
            self.bodies.insert(name.to_owned(), validator);
        }
        Ok(())
    }

    /// Compiles the body without its items, if the items are all of one component: they can be validated one by one.
    fn compile_batch_body(&mut self, name: &str) -> Result<(), String> {
        let mut schema = self.schemas[name].clone();
        let Some(items) = schema.pointer_mut("/properties/items") else {
            return Ok(());
        };
        let Some(item) = component(&json!({ "schema": items["items"] })) else {
            return Ok(());
        };
        items["items"] = Value::Bool(true);
        let validator = self.validator(schema).map_err(|e| format!("{name}: {e}"))?;
        self.batch_bodies.insert(name.to_owned(), validator);
        self.compile_body(&item)
    }

    fn parameter_rules(
        &self,
        operation: &Value,
        place: &str,
        known: &mut HashMap<String, Arc<ParameterRules>>,
    ) -> Result<Arc<ParameterRules>, String> {
        let mut readers = HashMap::new();
        let mut properties = Map::new();
        let mut required = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] != place {
                continue;
            }
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            if parameter["required"] == true {
                required.push(name.clone());
            }
            readers.insert(name.clone(), reader(&parameter["schema"]));
            properties.insert(name, parameter["schema"].clone());
        }
        let schema = json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false,
        });
        let key = schema.to_string();
        if let Some(rules) = known.get(&key) {
            return Ok(Arc::clone(rules));
        }
        let validator = self.validator(schema)?;
        let rules = Arc::new(ParameterRules {
            names: readers.keys().cloned().collect(),
            readers,
            may_be_empty: validator.is_valid(&json!({})),
            validator,
        });
        known.insert(key, Arc::clone(&rules));
        Ok(rules)
    }

    /// Compiles a schema with only the components that it reaches. A validator copies all components that it gets. With
    /// all components, the validators would take more memory than the rest of the process.
    fn validator(&self, schema: Value) -> Result<Validator, String> {
        schema::compile(&self.with_components(schema))
    }

    fn with_components(&self, mut schema: Value) -> Value {
        let mut names = BTreeSet::new();
        document::reach(&schema, &self.schemas, &mut names);
        let reached: Map<_, _> = names
            .iter()
            .map(|name| (name.clone(), self.schemas[name].clone()))
            .collect();
        schema["components"] = json!({ "schemas": reached });
        schema
    }

    /// Validates a body by the component schema `name`.
    pub fn check_body(&self, name: &str, body: &Value) -> Result<(), Error> {
        self.validate(name, self.bodies.get(name), body)
    }

    /// Validates a body by the component schema `name`, except its `items`.
    pub fn check_batch_body(&self, name: &str, body: &Value) -> Result<(), Error> {
        self.validate(name, self.batch_bodies.get(name), body)
    }

    fn validate(&self, name: &str, validator: Option<&Validator>, body: &Value) -> Result<(), Error> {
        let (Some(validator), Some(names)) = (validator, self.names.get(name)) else {
            return Err(Error::internal(format!("{name} is not the body of any operation")));
        };
        if validator.is_valid(body) {
            return Ok(());
        }
        let hints = Hints {
            names,
            examples: &self.examples,
        };
        let errors = field_errors(validator.iter_errors(body), "#/", hints);
        Err(Error::fields(Code::InvalidBody, errors))
    }

    /// Validates the path and the query of a request by its operation, and `Accept`; returns the query as an object with typed members.
    pub fn check_parameters(&self, req: &HttpRequest) -> Result<Map<String, Value>, Error> {
        let pattern = req.match_pattern().unwrap_or_default();
        let of_method = self.parameters.get(req.method().as_str());
        let Some(rules) = of_method.and_then(|rules| rules.get(&pattern)) else {
            return Err(Error::internal(format!(
                "{} {} is not in the contract",
                req.method(),
                req.path()
            )));
        };
        let mut errors = rules.path.check_path(req, &self.examples);
        let code = match errors.is_empty() {
            true => Code::InvalidQuery,
            false => Code::InvalidPath,
        };
        let (query, query_errors) = rules.query.check_query(req.query_string(), &self.examples);
        errors.extend(query_errors);
        if !errors.is_empty() {
            return Err(Error::fields(code, errors));
        }
        ensure_acceptable(req.headers(), &rules.offered)?;
        Ok(query)
    }
}

/// Returns the media types of the successful responses of an operation.
fn offered(operation: &Value) -> Vec<String> {
    let responses = operation["responses"].as_object().into_iter().flatten();
    let good = responses.filter(|(status, _)| status.starts_with('2'));
    let content = good.filter_map(|(_, response)| response.get("content")?.as_object());
    content.flat_map(Map::keys).cloned().collect()
}

/// Returns the header that names the media types of the bodies of a POST or a PATCH, and its value.
fn accepted_by(verb: &str, operation: &Value) -> Option<(HeaderName, String)> {
    let content = operation.get("requestBody")?["content"].as_object()?;
    match verb {
        "post" => {
            let media: Vec<&str> = content.keys().map(String::as_str).collect();
            Some((HeaderName::from_static("accept-post"), media.join(", ")))
        }
        "patch" => Some((HeaderName::from_static("accept-patch"), ACCEPT_PATCH.to_owned())),
        _ => None,
    }
}

/// Returns the text that is served.
fn published_text(mut document: Value) -> Result<Bytes, String> {
    document::publish(&mut document);
    document::set_address(&mut document, document::ADDRESS);
    // Without indentation it takes half the room.
    let text = serde_json::to_vec(&document).map_err(|e| e.to_string())?;
    Ok(text.into_boxed_slice().into())
}

/// Returns the name of the component that a media type refers to.
fn component(media: &Value) -> Option<String> {
    let name = media["schema"]["$ref"].as_str()?.rsplit('/').next()?;
    Some(name.to_owned())
}
