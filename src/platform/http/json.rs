//! Reads JSON whose objects name each member once. RFC 8259 lets every reader choose which of two members is valid, so a
//! proxy and this service could read two different bodies.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::field_errors::reference_token;
use super::pairs::repeated;
use crate::platform::error::{Code, Error};

/// Parses JSON. A repeated member is a 400 that points at it. Whole numbers become integers.
pub fn parse(text: &[u8]) -> Result<Value, Error> {
    read(text, Part::Value)
}

/// Parses the body of a batch, with null for each of its `items`. Items are skipped, not parsed, so that an item that nests
/// too deeply or has a number out of range fails alone.
pub fn outline(text: &[u8]) -> Result<Value, Error> {
    read(text, Part::Batch)
}

fn read(text: &[u8], part: Part) -> Result<Value, Error> {
    let path = RefCell::default();
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = Reader { part, path: &path }.deserialize(&mut json);
    let value = value.and_then(|value| json.end().map(|()| value));
    value.map_err(|error| match path.take() {
        path if path.is_empty() => invalid(&error),
        path => {
            let tokens: Vec<String> = path.iter().rev().map(|name| reference_token(name)).collect();
            Error::fields(Code::InvalidBody, vec![repeated(format!("#/{}", tokens.join("/")))])
        }
    })
}

fn invalid(error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    Error::new(Code::InvalidJson).detail(
        format!("Salah di baris {line}, kolom {column}."),
        format!("Error at line {line}, column {column}."),
    )
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Value,
    /// The root of a batch.
    Batch,
    /// The `items` of a batch.
    Items,
}

/// Reads a value. `path` names the place of a repeated member from the inside out; it is empty while there is none.
struct Reader<'a> {
    part: Part,
    path: &'a RefCell<Vec<String>>,
}

impl Reader<'_> {
    /// Adds the place of a repeated member to its path, if the error is about one.
    fn inside<E>(&self, place: impl ToString, error: E) -> E {
        let mut path = self.path.borrow_mut();
        if !path.is_empty() {
            path.push(place.to_string());
        }
        error
    }

    fn part(&self, part: Part) -> Self {
        Self { part, ..*self }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    /// Makes 86.0 an integer, because JSON Schema calls it an integer.
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        let is_whole = value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
        #[allow(clippy::cast_possible_truncation)]
        Ok(if is_whole { (value as i64).into() } else { value.into() })
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        loop {
            let next = match self.part {
                Part::Items => seq.next_element::<IgnoredAny>().map(|item| item.map(|_| Value::Null)),
                _ => seq.next_element_seed(self.part(Part::Value)),
            };
            match next {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return Ok(Value::Array(items)),
                Err(error) => return Err(self.inside(items.len(), error)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                self.path.borrow_mut().push(name);
                return Err(A::Error::custom("a repeated member"));
            }
            let part = match self.part {
                Part::Batch if name == "items" => Part::Items,
                _ => Part::Value,
            };
            match map.next_value_seed(self.part(part)) {
                Ok(value) => members.insert(name, value),
                Err(error) => return Err(self.inside(name, error)),
            };
        }
        Ok(Value::Object(members))
    }
}
