//! Reads and validates the parameters of a path and of a query.

use std::collections::{BTreeSet, HashMap};

use actix_web::HttpRequest;
use jsonschema::Validator;
use serde_json::{Map, Value};

use super::field_errors::field_errors;
use super::hints::{Hints, QUERY};
use super::{document, pairs};
use crate::platform::error::FieldError;

/// The rules of an operation for its path or its query.
#[derive(Debug)]
pub struct ParameterRules {
    pub readers: HashMap<String, ParameterReader>,
    pub validator: Validator,
    /// A request without parameters is valid.
    pub may_be_empty: bool,
    pub names: BTreeSet<String>,
}

/// Reads the text of a parameter as the type of its schema; `None`: it is text, or cannot be read.
pub type ParameterReader = fn(&str) -> Option<Value>;

/// The most parameters of one query; no operation has half as many.
const MAX_PARAMETERS: usize = 32;

impl ParameterRules {
    pub fn check_path(&self, req: &HttpRequest, examples: &HashMap<String, String>) -> Vec<FieldError> {
        if self.readers.is_empty() {
            return Vec::new();
        }
        let parts = req.match_info().iter();
        let members = parts.map(|(name, text)| (name.to_owned(), self.read(name, text)));
        self.errors(&Value::Object(members.collect()), "path:", examples)
    }

    /// Returns the members, and their errors.
    pub fn check_query(&self, text: &str, examples: &HashMap<String, String>) -> (Map<String, Value>, Vec<FieldError>) {
        if text.is_empty() && self.may_be_empty {
            return (Map::new(), Vec::new());
        }
        let read = |name: &str, text: &str| Some(self.read(name, text));
        let (members, mut errors) = match pairs::members(text, QUERY, MAX_PARAMETERS, read) {
            Ok(found) => found,
            Err(error) => return (Map::new(), vec![error]),
        };
        let query = Value::Object(members);
        errors.extend(self.errors(&query, QUERY, examples));
        match query {
            Value::Object(members) => (members, errors),
            _ => (Map::new(), errors),
        }
    }

    /// Reads a parameter. If its text cannot be read, it stays text, and the schema reports the error.
    fn read(&self, name: &str, text: &str) -> Value {
        let value = self.readers.get(name).and_then(|read| read(text));
        value.unwrap_or_else(|| Value::from(text))
    }

    fn errors(&self, members: &Value, root: &str, examples: &HashMap<String, String>) -> Vec<FieldError> {
        let names = &self.names;
        match self.validator.is_valid(members) {
            true => Vec::new(),
            false => field_errors(self.validator.iter_errors(members), root, Hints { names, examples }),
        }
    }
}

/// Returns the reader for the text of a parameter with this schema.
pub fn reader(schema: &Value) -> ParameterReader {
    match &schema["type"] {
        kind if document::has_type(kind, "integer") => |text| text.parse::<i64>().ok().map(Value::from),
        kind if document::has_type(kind, "number") => decimal,
        kind if document::has_type(kind, "boolean") => |text| match text {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        _ if schema["format"] == "date-time" => |text| plus_restored(text).map(Value::from),
        _ => |_| None,
    }
}

/// Reads a decimal number without an exponent.
fn decimal(text: &str) -> Option<Value> {
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
    let number = text.parse::<f64>().ok().filter(|_| is_plain)?;
    serde_json::Number::from_f64(number).map(Value::Number)
}

/// Returns an instant whose plus before the offset was decoded as a blank.
fn plus_restored(text: &str) -> Option<String> {
    let (time, offset) = text.rsplit_once(' ')?;
    let is_offset = matches!(offset.as_bytes(), [a, b, b':', c, d] if [a, b, c, d].iter().all(|d| d.is_ascii_digit()));
    is_offset.then(|| format!("{time}+{offset}"))
}
