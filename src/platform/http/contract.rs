//! The contract at work: requests are held against the very document that is served, so the two cannot differ.
//!
//! Request bodies are validated by the component schema of their type, query strings by the parameters of their
//! operation. All faults of a body or a query are reported at once.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::dev::ResourceDef;
use actix_web::web;
use bytes::Bytes;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::deprecation::{Notices, full_path};
use super::document;
use super::faults::field_errors;
use super::schema;
use crate::platform::error::{Code, Error};

/// The finished OpenAPI document, compiled.
#[derive(Debug)]
pub struct Contract {
    /// As it is served. As a tree it would take ten times as much memory, for nobody.
    text: Bytes,
    /// What schemas refer to; empty once all are compiled.
    schemas: Value,
    /// Bodies, and the items of envelopes.
    bodies: HashMap<String, Validator>,
    /// Bodies whose `items` may hold anything.
    envelopes: HashMap<String, Validator>,
    /// By method, then by pattern: looked up at every request, without making a key.
    queries: HashMap<String, HashMap<String, QueryRules>>,
    methods: Vec<(ResourceDef, String)>,
    /// The methods of the paths without parameters.
    literal: HashMap<String, String>,
    notices: Notices,
}

#[derive(Debug)]
struct QueryRules {
    kinds: HashMap<String, Kind>,
    validator: Validator,
    /// Is a request without a query in order?
    may_be_empty: bool,
}

/// How a query parameter's text is read.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Integer,
    Boolean,
    Text,
}

const VERBS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

impl Contract {
    /// Compiles a document; an error names what in it cannot be compiled.
    pub fn compile(mut document: Value) -> Result<Self, String> {
        let mut contract = Contract {
            text: document::as_json(&document).map_err(|e| e.to_string())?.into(),
            schemas: document["components"]["schemas"].take(),
            bodies: HashMap::new(),
            envelopes: HashMap::new(),
            queries: HashMap::new(),
            methods: Vec::new(),
            literal: HashMap::new(),
            notices: Notices::of(&document)?,
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
                let rules = contract.query_rules(operation)?;
                let of_verb = contract.queries.entry(verb.to_uppercase()).or_default();
                of_verb.insert(full.clone(), rules);
                contract.compile_bodies(operation)?;
            }
            if !full.contains('{') {
                contract.literal.insert(full.clone(), allow.join(", "));
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

    /// What is to be said of operations that will go.
    pub fn notices(&self) -> &Notices {
        &self.notices
    }

    /// The methods of a path, for `Allow`; `None` when there is no such path.
    pub fn methods_of(&self, path: &str) -> Option<&str> {
        self.methods
            .iter()
            .find(|(def, _)| def.is_match(path))
            .map(|(_, allow)| allow.as_str())
    }

    /// 405 for a method that a literal path does not have; `/reports/{id}` would take it for an id otherwise.
    pub fn refuses(&self, method: &str, path: &str) -> Option<Error> {
        let allow = self.literal.get(path)?;
        let has = allow.split(", ").any(|m| m == method);
        (!has).then(|| Error {
            allow: Some(allow.clone()),
            ..Error::new(Code::MethodNotAllowed)
        })
    }

    fn compile_bodies(&mut self, operation: &Value) -> Result<(), String> {
        let content = operation["requestBody"]["content"].as_object();
        for name in content.into_iter().flat_map(Map::values).filter_map(component) {
            self.compile_body(&name)?;
            self.compile_envelope(&name)?;
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

    /// A body that has `items` of one component can also be held against the contract piece by piece.
    fn compile_envelope(&mut self, name: &str) -> Result<(), String> {
        let mut schema = self.schemas[name].clone();
        let Some(items) = schema.pointer_mut("/properties/items") else {
            return Ok(());
        };
        let Some(item) = component(&json!({ "schema": items["items"] })) else {
            return Ok(());
        };
        items["items"] = Value::Bool(true);
        let validator = self.validator(schema).map_err(|e| format!("{name}: {e}"))?;
        self.envelopes.insert(name.to_owned(), validator);
        self.compile_body(&item)
    }

    fn query_rules(&self, operation: &Value) -> Result<QueryRules, String> {
        let mut kinds = HashMap::new();
        let mut properties = Map::new();
        let mut required = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] != "query" {
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
        Ok(QueryRules {
            kinds,
            validator,
            may_be_empty,
        })
    }

    /// A validator keeps all that it is given, so it is given only the components that the schema reaches: with all of
    /// them in each, they would take more memory than everything else in the process.
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

    /// Holds a body against the component schema called `name`.
    pub fn check_body(&self, name: &str, body: &Value) -> Result<(), Error> {
        hold(name, self.bodies.get(name), body)
    }

    /// The same for a body whose `items` are checked one by one, whatever they hold here.
    pub fn check_envelope(&self, name: &str, body: &Value) -> Result<(), Error> {
        hold(name, self.envelopes.get(name), body)
    }

    /// Holds the query string of a request against its operation; answers it as an object with typed members.
    pub fn check_query(&self, req: &HttpRequest) -> Result<Map<String, Value>, Error> {
        let pattern = req.match_pattern().unwrap_or_default();
        let of_method = self.queries.get(req.method().as_str());
        let Some(rules) = of_method.and_then(|rules| rules.get(&pattern)) else {
            return Err(Error::internal(format!(
                "{} {} is not in the contract",
                req.method(),
                req.path()
            )));
        };
        let mut members = Map::new();
        if req.query_string().is_empty() && rules.may_be_empty {
            return Ok(members);
        }
        let pairs = web::Query::<Vec<(String, String)>>::from_query(req.query_string())
            .map_err(|_| Error::new(Code::InvalidQuery))?;
        for (name, text) in pairs.into_inner() {
            let value = read(rules.kinds.get(&name).copied(), &text);
            if members.insert(name.clone(), value).is_some() {
                return Err(Error::new(Code::InvalidQuery)
                    .detail("Parameter diberikan dua kali.", "The parameter is given twice.")
                    .at(format!("query:{name}")));
            }
        }
        let query = Value::Object(members);
        if !rules.validator.is_valid(&query) {
            let errors = field_errors(rules.validator.iter_errors(&query), "query:");
            return Err(Error::fields(Code::InvalidQuery, errors));
        }
        match query {
            Value::Object(members) => Ok(members),
            _ => Ok(Map::new()),
        }
    }
}

fn hold(name: &str, validator: Option<&Validator>, body: &Value) -> Result<(), Error> {
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

/// What cannot be read as its kind stays text, and the schema says so.
fn read(kind: Option<Kind>, text: &str) -> Value {
    let parsed = match kind {
        Some(Kind::Integer) => text.parse::<i64>().ok().map(Value::from),
        Some(Kind::Boolean) => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::from(text))
}
