//! Validates requests against the document that the service publishes, so the two cannot differ.
//!
//! The component schema of its type validates a body; the parameters of the operation validate path and query. All faults
//! of a body are reported at once, and all faults of a path and its query.

use std::collections::{BTreeSet, HashMap};

use actix_web::HttpRequest;
use actix_web::dev::ResourceDef;
use bytes::Bytes;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::document::{self, VERBS};
use super::faults::field_errors;
use super::{pairs, schema};
use crate::platform::error::{Code, Error, FieldError};

/// The finished OpenAPI document, compiled.
#[derive(Debug)]
pub struct Contract {
    /// The document as it is served. As a tree it would take ten times as much memory.
    text: Bytes,
    /// The component schemas; empty after all are compiled.
    schemas: Value,
    /// Bodies, and the items of batches.
    bodies: HashMap<String, Validator>,
    /// Bodies whose `items` are not validated.
    batch_bodies: HashMap<String, Validator>,
    /// By method, then by pattern, so that a look-up need not allocate a key.
    parameters: HashMap<String, HashMap<String, Parameters>>,
    methods: Vec<(ResourceDef, String)>,
    /// The methods of the paths without parameters.
    static_paths: HashMap<String, String>,
}

/// The rules of an operation for its path and its query.
#[derive(Debug)]
struct Parameters {
    path: ParameterRules,
    query: ParameterRules,
}

#[derive(Debug)]
struct ParameterRules {
    readers: HashMap<String, Reader>,
    validator: Validator,
    /// A request without parameters is valid.
    may_be_empty: bool,
}

/// Reads the text of a parameter as the type of its schema; `None`: it is text, or cannot be read.
type Reader = fn(&str) -> Option<Value>;

/// The most parameters of one query; no operation has half as many.
const MAX_PARAMETERS: usize = 32;

impl Contract {
    /// Compiles a document; an error names the schema that cannot be compiled.
    pub fn compile(mut document: Value) -> Result<Self, String> {
        let mut contract = Contract {
            text: document::as_json(&document).map_err(|e| e.to_string())?.into(),
            schemas: document["components"]["schemas"].take(),
            bodies: HashMap::new(),
            batch_bodies: HashMap::new(),
            parameters: HashMap::new(),
            methods: Vec::new(),
            static_paths: HashMap::new(),
        };
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            let mut allow = Vec::new();
            let mut full = path.clone();
            for verb in VERBS {
                let Some(operation) = item.get(verb) else { continue };
                full = full_path(path, operation);
                allow.push(verb.to_uppercase());
                if verb == "get" {
                    allow.push("HEAD".to_owned());
                }
                let rules = Parameters {
                    path: contract.parameter_rules(operation, "path")?,
                    query: contract.parameter_rules(operation, "query")?,
                };
                let of_verb = contract.parameters.entry(verb.to_uppercase()).or_default();
                of_verb.insert(full.clone(), rules);
                contract.compile_bodies(operation)?;
            }
            if !full.contains('{') {
                contract.static_paths.insert(full.clone(), allow.join(", "));
            }
            contract.methods.push((ResourceDef::new(full), allow.join(", ")));
        }
        contract.schemas = Value::Null;
        // Literal paths before those with parameters, as they are routed.
        contract
            .methods
            .sort_by_key(|(def, _)| def.pattern().map_or(0, |p| p.matches('{').count()));
        Ok(contract)
    }

    /// The document as it is served: JSON.
    pub fn text(&self) -> Bytes {
        self.text.clone()
    }

    /// The methods of a path, for `Allow`; `None` when there is no such path.
    pub fn allowed_methods(&self, path: &str) -> Option<&str> {
        self.methods
            .iter()
            .find(|(def, _)| def.is_match(path))
            .map(|(_, allow)| allow.as_str())
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
            let validator = self.validator(schema).map_err(|e| format!("{name}: {e}"))?;
            self.bodies.insert(name.to_owned(), validator);
        }
        Ok(())
    }

    /// The items of a body can also be validated one by one, if they are all of one component.
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

    fn parameter_rules(&self, operation: &Value, place: &str) -> Result<ParameterRules, String> {
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
        let validator = self.validator(schema)?;
        let may_be_empty = validator.is_valid(&json!({}));
        Ok(ParameterRules {
            readers,
            validator,
            may_be_empty,
        })
    }

    /// Compiles a schema with only the components that it reaches. A validator copies all components that it is given; with
    /// all of them in each, validators would take more memory than all else in the process.
    fn validator(&self, mut schema: Value) -> Result<Validator, String> {
        let mut names = BTreeSet::new();
        document::reach(&schema, &self.schemas, &mut names);
        let reached: Map<_, _> = names
            .iter()
            .map(|name| (name.clone(), self.schemas[name].clone()))
            .collect();
        schema["components"] = json!({ "schemas": reached });
        schema::compile(&schema)
    }

    /// Validates a body by the component schema `name`.
    pub fn check_body(&self, name: &str, body: &Value) -> Result<(), Error> {
        validate(name, self.bodies.get(name), body)
    }

    /// The same, but for the `items` of the body.
    pub fn check_batch_body(&self, name: &str, body: &Value) -> Result<(), Error> {
        validate(name, self.batch_bodies.get(name), body)
    }

    /// Validates the path and the query of a request by its operation; returns the query as an object with typed members.
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
        let mut errors = rules.path.check_path(req);
        let code = match errors.is_empty() {
            true => Code::InvalidQuery,
            false => Code::InvalidPath,
        };
        let (query, faults) = rules.query.check_query(req.query_string());
        errors.extend(faults);
        match errors.is_empty() {
            true => Ok(query),
            false => Err(Error::fields(code, errors)),
        }
    }
}

impl ParameterRules {
    fn check_path(&self, req: &HttpRequest) -> Vec<FieldError> {
        if self.readers.is_empty() {
            return Vec::new();
        }
        let parts = req.match_info().iter();
        let members = parts.map(|(name, text)| (name.to_owned(), self.read(name, text)));
        self.faults(&Value::Object(members.collect()), "path:")
    }

    /// Returns the members, and their faults.
    fn check_query(&self, text: &str) -> (Map<String, Value>, Vec<FieldError>) {
        if text.is_empty() && self.may_be_empty {
            return (Map::new(), Vec::new());
        }
        let read = |name: &str, text: &str| Some(self.read(name, text));
        let (members, mut errors) = match pairs::members(text, "query:", MAX_PARAMETERS, read) {
            Ok(found) => found,
            Err(fault) => return (Map::new(), vec![fault]),
        };
        let query = Value::Object(members);
        errors.extend(self.faults(&query, "query:"));
        match query {
            Value::Object(members) => (members, errors),
            _ => (Map::new(), errors),
        }
    }

    /// Reads a parameter. If its text cannot be read, it stays text, and the schema reports the fault.
    fn read(&self, name: &str, text: &str) -> Value {
        let value = self.readers.get(name).and_then(|read| read(text));
        value.unwrap_or_else(|| Value::from(text))
    }

    fn faults(&self, members: &Value, root: &str) -> Vec<FieldError> {
        match self.validator.is_valid(members) {
            true => Vec::new(),
            false => field_errors(self.validator.iter_errors(members), root),
        }
    }
}

/// The path pattern of an operation: those with a server of their own are not under `/v1`.
fn full_path(path: &str, operation: &Value) -> String {
    match operation.get("servers") {
        Some(_) => path.to_owned(),
        None => format!("/v1{path}"),
    }
}

fn validate(name: &str, validator: Option<&Validator>, body: &Value) -> Result<(), Error> {
    let Some(validator) = validator else {
        return Err(Error::internal(format!("{name} is not the body of any operation")));
    };
    if validator.is_valid(body) {
        return Ok(());
    }
    Err(Error::fields(
        Code::InvalidBody,
        field_errors(validator.iter_errors(body), "#/"),
    ))
}

/// The name of the component that a media type refers to.
fn component(media: &Value) -> Option<String> {
    let name = media["schema"]["$ref"].as_str()?.rsplit('/').next()?;
    Some(name.to_owned())
}

/// Returns how to read the text of a parameter with this schema.
fn reader(schema: &Value) -> Reader {
    match &schema["type"] {
        kind if document::has_type(kind, "integer") => |text| text.parse::<i64>().ok().map(Value::from),
        kind if document::has_type(kind, "boolean") => |text| text.parse::<bool>().ok().map(Value::from),
        _ => |_| None,
    }
}
