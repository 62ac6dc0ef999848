//! Validates requests against the document that the service publishes, so the two cannot differ.
//!
//! The component schema of its type validates a body; the parameters of the operation validate path and query. All faults
//! of a body are reported at once, and all faults of a path and its query.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::dev::ResourceDef;
use actix_web::web;
use bytes::Bytes;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::document;
use super::faults::{field_errors, too_many_parameters};
use super::schema;
use crate::platform::error::{Code, Error, Fault, FieldError};
use crate::platform::text::Text;

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
    kinds: HashMap<String, Kind>,
    validator: Validator,
    /// A request without parameters is valid.
    may_be_empty: bool,
}

/// How a parameter's text is read.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Integer,
    Boolean,
    Text,
}

/// The most parameters of one query; no operation has half as many.
const MAX_PARAMETERS: usize = 32;

const VERBS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

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
        (!has).then(|| Error {
            allow: Some(allow.as_str().into()),
            ..Error::new(Code::MethodNotAllowed)
        })
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
        let mut kinds = HashMap::new();
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
            kinds.insert(name.clone(), kind_of(&parameter["schema"]));
            properties.insert(name, parameter["schema"].clone());
        }
        let schema = json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false,
        });
        let validator = self.validator(schema)?;
        let may_be_empty = validator.is_valid(&json!({}));
        Ok(ParameterRules {
            kinds,
            validator,
            may_be_empty,
        })
    }

    /// Compiles a schema with only the components that it reaches. A validator copies all components that it is given; with
    /// all of them in each, validators would take more memory than the rest of the process.
    fn validator(&self, mut schema: Value) -> Result<Validator, String> {
        let mut reached = Map::new();
        self.reach(&schema, &mut reached);
        schema["components"] = json!({ "schemas": reached });
        schema::compile(&schema)
    }

    /// Collects the component schemas that `schema` refers to, and those that they refer to.
    fn reach(&self, schema: &Value, reached: &mut Map<String, Value>) {
        match schema {
            Value::Array(items) => items.iter().for_each(|item| self.reach(item, reached)),
            Value::Object(members) => members.iter().for_each(|(name, member)| match member.as_str() {
                Some(target) if name == "$ref" => self.reach_component(target, reached),
                _ => self.reach(member, reached),
            }),
            _ => {}
        }
    }

    fn reach_component(&self, target: &str, reached: &mut Map<String, Value>) {
        let name = target.rsplit('/').next().unwrap_or_default();
        let component = &self.schemas[name];
        if !component.is_null() && !reached.contains_key(name) {
            reached.insert(name.to_owned(), component.clone());
            self.reach(component, reached);
        }
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
        if self.kinds.is_empty() {
            return Vec::new();
        }
        let parts = req.match_info().iter();
        let members = parts.map(|(name, text)| (name.to_owned(), read(self.kinds.get(name).copied(), text)));
        self.faults(&Value::Object(members.collect()), "path:")
    }

    /// The members, and their faults.
    fn check_query(&self, text: &str) -> (Map<String, Value>, Vec<FieldError>) {
        let mut members = Map::new();
        if text.is_empty() && self.may_be_empty {
            return (members, Vec::new());
        }
        if text.split('&').nth(MAX_PARAMETERS).is_some() {
            return (members, vec![too_many_parameters("query:", MAX_PARAMETERS)]);
        }
        let Ok(pairs) = web::Query::<Vec<(String, String)>>::from_query(text) else {
            return (members, vec![unreadable("query:")]);
        };
        let mut errors = Vec::new();
        for (name, text) in pairs.into_inner() {
            let value = read(self.kinds.get(&name).copied(), &text);
            if members.insert(name.clone(), value).is_some() {
                errors.push(repeated(format!("query:{name}")));
            }
        }
        let query = Value::Object(members);
        errors.extend(self.faults(&query, "query:"));
        match query {
            Value::Object(members) => (members, errors),
            _ => (Map::new(), errors),
        }
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

/// The fault of a parameter that came twice.
pub fn repeated(pointer: String) -> FieldError {
    let text = Text::fixed("Diberikan dua kali.", "Is repeated.");
    FieldError::new(pointer, Fault::Repeated, text)
}

/// The fault of a query that is not a list of names and values.
fn unreadable(pointer: &str) -> FieldError {
    let text = Text::fixed(
        "Tidak dapat dibaca: pakai nama=nilai, dengan karakter khusus sebagai %XX.",
        "Cannot be read: write name=value, with special characters as %XX.",
    );
    FieldError::new(pointer, Fault::Pattern, text)
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

fn kind_of(schema: &Value) -> Kind {
    let has = |name: &str| match &schema["type"] {
        Value::String(t) => t == name,
        Value::Array(ts) => ts.iter().any(|t| t == name),
        _ => false,
    };
    match () {
        () if has("integer") => Kind::Integer,
        () if has("boolean") => Kind::Boolean,
        () => Kind::Text,
    }
}

/// Reads a parameter as its kind. If it cannot be read, it stays text, and the schema reports the fault.
fn read(kind: Option<Kind>, text: &str) -> Value {
    let parsed = match kind {
        Some(Kind::Integer) => text.parse::<i64>().ok().map(Value::from),
        Some(Kind::Boolean) => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::from(text))
}
