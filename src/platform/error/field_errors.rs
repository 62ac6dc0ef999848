//! All faults of one body, together.

use super::{Code, Error};

/// Collects the 422s of one body, so that its sender corrects them all at once.
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

    /// Adds an error. Errors of different codes together have the code `rule_broken`; each field keeps its own code
    /// and words.
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

    /// Returns the 422 with every field at fault, if there is any.
    pub fn into_result(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), Err)
    }

    /// Returns the collected error. Call it only after an error was added.
    pub fn into_error(self) -> Error {
        let none = || Error::internal("no field is at fault");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_together_under_their_common_code() {
        let unknown = |at: &str| Error::unknown_reference(at, "x");
        let mut errors = FieldErrors::default();
        errors.check(true, || unknown("#/fine"));
        errors.check(false, || unknown("#/a"));
        errors.add(unknown("#/b"));
        let fields = ["#/a unknown_reference", "#/b unknown_reference"];
        assert_eq!(errors.fields(), fields);
        let error = errors.into_result().unwrap_err();
        assert_eq!((error.code, error.detail), (Code::UnknownReference, None));
    }

    #[test]
    fn faults_of_different_codes_are_a_broken_rule_and_keep_their_own_codes() {
        let mut errors = FieldErrors::default();
        errors.add(Error::unknown_reference("#/a", "x"));
        errors.extend([Error::new(Code::TooFewAnswers).at("#/b")]);
        assert_eq!(errors.fields(), ["#/a unknown_reference", "#/b too_few_answers"]);
        assert_eq!(errors.into_result().unwrap_err().code, Code::RuleBroken);
    }

    #[test]
    fn one_fault_keeps_its_detail_and_none_is_fine() {
        let mut errors = FieldErrors::default();
        errors.add(Error::rule("#/a", "Salah.", "Wrong."));
        assert!(errors.into_error().detail.is_some());
        FieldErrors::default().into_result().unwrap();
    }
}
