//! The JSON Schema dialect of this service: draft 2020-12 with formats, and one keyword of its own.

use std::ops::RangeInclusive;

use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError, Validator};
use serde_json::{Map, Value};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};

/// The largest number of decimals. `multipleOf` would mean the same, but few validators divide exactly.
pub const MAX_DECIMALS: &str = "x-max-decimals";

/// Compiles a schema; an error names the part that cannot be compiled.
pub fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .with_keyword(MAX_DECIMALS, max_decimals)
        .build(schema)
        .map_err(|e| e.to_string())
}

fn max_decimals<'a>(
    _parent: &'a Map<String, Value>,
    most: &'a Value,
    _at: Location,
) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>> {
    match most.as_u64().and_then(|most| usize::try_from(most).ok()) {
        Some(most) => Ok(Box::new(MaxDecimals(most))),
        None => Err(ValidationError::custom("is a whole number")),
    }
}

struct MaxDecimals(usize);

impl<'i> Keyword<'i> for MaxDecimals {
    /// The message is the bound alone; [`super::faults`] has the text.
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match self.is_valid(instance) {
            true => Ok(()),
            false => Err(ValidationError::custom(self.0.to_string())),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        if !instance.is_f64() {
            return true;
        }
        // `Display` of a double is its shortest decimal, never with an exponent.
        let text = instance.as_f64().unwrap_or_default().to_string();
        text.split_once('.')
            .is_none_or(|(_, decimals)| decimals.len() <= self.0)
    }
}

/// Returns the schema of a list of texts; a derived schema cannot bound the items.
pub fn texts(description: &str, count: RangeInclusive<usize>, longest: usize) -> ArrayBuilder {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(longest));
    ArrayBuilder::new()
        .description(Some(description))
        .items(text)
        .min_items((*count.start() > 0).then_some(*count.start()))
        .max_items(Some(*count.end()))
}
