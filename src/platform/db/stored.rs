//! Enums as the database keeps them: the same codes that the API shows.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::platform::error::Error;

/// The code of a unit variant (`received`).
pub fn code(value: impl Serialize) -> Result<String, Error> {
    match serde_json::to_value(value) {
        Ok(Value::String(code)) => Ok(code),
        Ok(other) => Err(Error::internal(format!("{other} is no code"))),
        Err(error) => Err(Error::internal(error)),
    }
}

/// The variant of a stored code. A code that is not in the list cannot happen: CHECK constraints see to it.
pub fn parse<T: DeserializeOwned>(code: &str) -> Result<T, Error> {
    serde_json::from_value(Value::from(code)).map_err(Error::internal)
}
