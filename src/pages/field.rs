//! The fields of a form, as `fields.html` shows them.

use super::form::{Faults, Posted};

/// The kind of a field.
#[derive(Clone, Debug)]
pub enum Kind {
    /// One line; the word is for `autocomplete`.
    Line(&'static str),
    /// A password; the word is for `autocomplete`.
    Password(&'static str),
    Date,
    /// A day and a time of day (WITA).
    Instant,
    Time,
    Number,
    Lines,
    /// Choices: value and name.
    Choice(Vec<(String, String)>),
}

/// A field with its label, its value and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name, or another word where a page has several forms.
    pub id: String,
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
            id: name.to_owned(),
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

    /// Fills the field. Characters that a page cannot have are left out; the service has refused them.
    pub fn value(self, value: impl AsRef<str>) -> Self {
        let is_legible = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        Self {
            value: value.as_ref().chars().filter(is_legible).collect(),
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

    /// Gives the field an id of its own on a page with several forms.
    pub fn within(self, form: &str) -> Self {
        Self {
            id: format!("{form}-{}", self.name),
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

    /// Takes what was posted, if anything was, and adds what is wrong with it.
    pub fn after(self, posted: Option<&Posted>, faults: &Faults) -> Self {
        match posted {
            Some(posted) => {
                let value = posted.raw(self.name).to_owned();
                self.value(value).faults(faults)
            }
            None => self,
        }
    }

    /// The ids of the hint and the fault, for `aria-describedby`.
    pub fn described_by(&self) -> String {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.id));
        let fault = self.fault.as_ref().map(|_| format!("{}-fault", self.id));
        hint.into_iter().chain(fault).collect::<Vec<_>>().join(" ")
    }
}

/// A form that opens on its page: `actions.html` shows each as a button that opens its fields.
#[derive(Clone, Debug)]
pub struct Action {
    /// The value of the field `aksi`.
    pub name: &'static str,
    /// What it does, as its button says.
    pub title: &'static str,
    pub fields: Vec<Field>,
    /// The version that the page shows, if the action changes one.
    pub etag: Option<String>,
    /// Whether it is the next step, and stands open.
    pub is_main: bool,
    pub is_danger: bool,
}

impl Action {
    pub fn new(name: &'static str, title: &'static str, fields: Vec<Field>) -> Self {
        let fields = fields.into_iter().map(|field| field.within(name));
        Self {
            name,
            title,
            fields: fields.collect(),
            etag: None,
            is_main: false,
            is_danger: false,
        }
    }

    pub fn of_version(self, etag: impl ToString) -> Self {
        Self {
            etag: Some(etag.to_string()),
            ..self
        }
    }

    pub fn main(self) -> Self {
        Self { is_main: true, ..self }
    }

    pub fn danger(self) -> Self {
        Self {
            is_danger: true,
            ..self
        }
    }

    /// Fills the fields with what was posted for this action, shows what is wrong, and opens the form.
    pub fn after(self, posted: Option<&Posted>, faults: &Faults) -> Self {
        if posted.is_none_or(|posted| posted.text("aksi") != self.name) {
            return self;
        }
        let fields = self.fields.into_iter().map(|field| field.after(posted, faults));
        Self {
            fields: fields.collect(),
            is_main: true,
            ..self
        }
    }
}
