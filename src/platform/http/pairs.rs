//! Pairs of names and values, as queries and forms have them.

use actix_web::web;
use serde_json::{Map, Value};

use crate::platform::error::{FieldCode, FieldError};
use crate::platform::text::Text;

/// Returns the members of a query or a form, and the errors of repeated members. A text with more than `most`
/// parameters has only that error. `read` returns the value of a parameter; `None`: it counts as absent.
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
        return Err(FieldError::new(root, FieldCode::MaxItems, text));
    }
    let malformed = |_| {
        FieldError::new(
            root,
            FieldCode::Pattern,
            Text::new("Bentuknya tidak sesuai.", "Has the wrong format."),
        )
    };
    let pairs = web::Query::<Vec<(String, String)>>::from_query(text).map_err(malformed)?;
    let (mut members, mut errors) = (Map::new(), Vec::new());
    for (name, text) in pairs.into_inner() {
        let Some(value) = read(&name, &text) else { continue };
        let pointer = format!("{root}{name}");
        let is_new = members.insert(name, value).is_none();
        // Once for each name, so that the response is not much longer than the request.
        if !is_new && errors.iter().all(|error: &FieldError| error.pointer != pointer) {
            errors.push(repeated(pointer));
        }
    }
    Ok((members, errors))
}

/// Returns the error of a parameter or a member that is given more than once.
pub fn repeated(pointer: String) -> FieldError {
    let text = Text::new("Diberikan dua kali.", "Is repeated.");
    FieldError::new(pointer, FieldCode::Repeated, text)
}
