//! Pairs of names and values, as queries and forms have them.

use actix_web::web;
use serde_json::{Map, Value};

use crate::platform::error::{Fault, FieldError};
use crate::platform::text::Text;

/// Returns the members of a query or a form, and the faults of repeated ones. A text with more than `most` parameters has
/// that fault alone. `read` returns the value of a parameter; `None`: it counts as absent.
pub fn members(
    text: &str,
    root: &str,
    most: usize,
    read: impl Fn(&str, &str) -> Option<Value>,
) -> Result<(Map<String, Value>, Vec<FieldError>), FieldError> {
    if text.split('&').nth(most).is_some() {
        let text = Text::new(
            format!("Paling banyak {most} parameter."),
            format!("At most {most} parameters."),
        );
        return Err(FieldError::new(root, Fault::MaxItems, text));
    }
    let malformed = |_| {
        FieldError::new(
            root,
            Fault::Pattern,
            Text::new("Bentuknya tidak sesuai.", "Has the wrong format."),
        )
    };
    let pairs = web::Query::<Vec<(String, String)>>::from_query(text).map_err(malformed)?;
    let (mut members, mut faults) = (Map::new(), Vec::new());
    for (name, text) in pairs.into_inner() {
        let Some(value) = read(&name, &text) else { continue };
        if members.insert(name.clone(), value).is_some() {
            let text = Text::new("Diberikan dua kali.", "Is repeated.");
            faults.push(FieldError::new(format!("{root}{name}"), Fault::Repeated, text));
        }
    }
    Ok((members, faults))
}
