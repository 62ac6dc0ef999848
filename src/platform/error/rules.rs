//! All rules that a body breaks, together.

use super::{Code, Error};

/// Collects the 422s of one body, so that whoever sent it corrects it once.
///
/// ```ignore
/// let mut rules = Rules::default();
/// rules.hold(must_be_desa(&village))?;
/// rules.hold(must_not_be_after(now, new.delivered_on, "#/delivered_on"))?;
/// rules.end()?;
/// ```
#[derive(Debug, Default)]
pub struct Rules {
    broken: Option<Error>,
}

impl Rules {
    /// Takes the outcome of one rule: a 422 is kept for [`Rules::end`], any other error ends the matter at once.
    pub fn hold<T>(&mut self, outcome: Result<T, Error>) -> Result<Option<T>, Error> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.code.status().as_u16() != 422 => Err(error),
            Err(error) => {
                self.add(error);
                Ok(None)
            }
        }
    }

    /// Keeps the 422 of a rule that is broken.
    pub fn add(&mut self, error: Error) {
        self.broken = Some(match self.broken.take() {
            None => error,
            Some(before) => both(before, error),
        });
    }

    /// The 422 of rules of which one was broken for sure.
    pub fn broken(self) -> Error {
        let none = || Error::internal("no rule is broken");
        self.broken.unwrap_or_else(none)
    }

    /// The 422 with every field at fault, if there is any.
    pub fn end(self) -> Result<(), Error> {
        self.broken.map_or(Ok(()), Err)
    }
}

/// One error for two: of their common code, else `rule_broken`; each field keeps the code and words of its own.
fn both(one: Error, other: Error) -> Error {
    let code = match one.code == other.code {
        true => one.code,
        false => Code::RuleBroken,
    };
    Error::fields(code, [one.errors, other.errors].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_rules_come_together() {
        let rule = |at: &str| Error::rule(at, "Salah.", "Wrong.");
        let mut rules = Rules::default();
        assert_eq!(rules.hold(Ok(1)).unwrap(), Some(1));
        rules.hold::<()>(Err(rule("#/a"))).unwrap();
        rules.add(rule("#/b"));
        let error = rules.end().unwrap_err();
        assert_eq!((error.code, error.errors.len()), (Code::RuleBroken, 2));

        let mut rules = Rules::default();
        let unknown = |at: &str| Error::unknown_reference(at, "x");
        rules.add(unknown("#/a"));
        rules.add(unknown("#/b"));
        assert_eq!(rules.broken.as_ref().unwrap().code, Code::UnknownReference);
        rules.add(rule("#/c"));
        let conflict = Err::<(), _>(Error::new(Code::Conflict));
        assert_eq!(rules.hold(conflict).unwrap_err().code, Code::Conflict);
        let error = rules.end().unwrap_err();
        assert_eq!((error.code, error.errors.len()), (Code::RuleBroken, 3));
        assert_eq!(error.errors[0].code.as_str(), "unknown_reference");
        Rules::default().end().unwrap();
    }
}
