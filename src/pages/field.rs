//! The fields of a form, as `fields.html` shows them.

use super::form::Faults;

/// The kind of a field.
#[derive(Clone, Debug)]
pub enum Kind {
    /// One line; the word is for `autocomplete`.
    Line(&'static str),
    /// A password; the word is for `autocomplete`.
    Password(&'static str),
    Date,
    Number,
    Lines,
    /// Choices: value and name.
    Choice(Vec<(String, String)>),
}

/// A field with its label, its value and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: Kind,
    pub value: String,
    pub hint: Option<String>,
    pub fault: Option<String>,
    pub is_required: bool,
    /// The most characters that the browser takes.
    pub longest: Option<u32>,
}

impl Field {
    pub fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self {
            name,
            label,
            kind,
            value: String::new(),
            hint: None,
            fault: None,
            is_required: false,
            longest: None,
        }
    }

    pub fn value(self, value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            ..self
        }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    pub fn required(self) -> Self {
        Self {
            is_required: true,
            ..self
        }
    }

    pub fn longest(self, characters: u32) -> Self {
        Self {
            longest: Some(characters),
            ..self
        }
    }

    /// Adds what is wrong with this field.
    pub fn faults(self, faults: &Faults) -> Self {
        Self {
            fault: faults.at(self.name).map(str::to_owned),
            ..self
        }
    }

    /// The ids of the hint and the fault, for `aria-describedby`.
    pub fn described_by(&self) -> String {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.name));
        let fault = self.fault.as_ref().map(|_| format!("{}-fault", self.name));
        hint.into_iter().chain(fault).collect::<Vec<_>>().join(" ")
    }
}
