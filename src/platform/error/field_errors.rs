//! All errors of one body.

use super::{Code, Error};

/// Collects the 422s of one body, so that its sender gets all of them in one response.
///
/// ```ignore
/// let mut errors = FieldErrors::default();
/// errors.check(new.ends_on >= new.starts_on, || Error::rule("#/ends_on", ..));
/// errors.into_result()?;
/// ```
#[derive(Debug, Default)]
pub struct FieldErrors(Option<Error>);

impl FieldErrors {
    /// Adds the error unless the rule holds.
    pub fn check(&mut self, holds: bool, error: impl FnOnce() -> Error) {
        if !holds {
            self.add(error());
        }
    }

    /// Adds an error. Errors of different codes together have the code `rule_broken`; each field keeps its own code and
    /// detail.
    pub fn add(&mut self, error: Error) {
        self.0 = Some(match self.0.take() {
            None => error,
            Some(first) => {
                let same = first.code == error.code;
                let code = if same { first.code } else { Code::RuleBroken };
                Error::fields(code, [first.errors, error.errors].concat())
            }
        });
    }

    /// Returns the 422 with every wrong field, if there is any.
    pub fn into_result(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), Err)
    }

    /// Returns the 422 without fields: the wrong fields are not in the body of this request, but in the record that it names.
    pub fn without_pointers(self) -> Result<(), Error> {
        self.into_result().map_err(|error| {
            let first = error.errors.first().map(|field| field.detail.clone());
            Error {
                detail: error.detail.or(first),
                errors: Vec::new(),
                ..error
            }
        })
    }

    /// Returns the collected error. Call it only after an error was added.
    pub fn into_error(self) -> Error {
        let none = || Error::internal("no field is wrong");
        self.0.unwrap_or_else(none)
    }
}

impl Extend<Error> for FieldErrors {
    fn extend<T: IntoIterator<Item = Error>>(&mut self, errors: T) {
        errors.into_iter().for_each(|error| self.add(error));
    }
}

impl IntoIterator for FieldErrors {
    type Item = Error;
    type IntoIter = std::option::IntoIter<Error>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FieldErrors {
    /// Returns `pointer code` of every field. For tests of rules.
    pub fn fields(&self) -> Vec<String> {
        let errors = self.0.iter().flat_map(|error| &error.errors);
        errors.map(|e| format!("{} {}", e.pointer, e.code.as_str())).collect()
    }
}
