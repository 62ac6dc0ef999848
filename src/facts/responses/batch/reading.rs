//! Reads an item of a batch. Only its survey, its id and its scores can cost the answer: another member that is wrong or
//! unknown is left out, and named.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::dto::BatchedResponse;
use crate::core::element::Element;
use crate::facts::responses::content::Place;
use crate::facts::responses::dto::{NewResponse, Respondent, ResponseMode};
use crate::facts::responses::flags::{Flags, ResponseFlag};
use crate::facts::responses::submission::Part;
use crate::platform::error::{Code, Error, FieldError};
use crate::platform::http::json::parse;
use crate::platform::http::{Contract, RawItem, repeated};

/// The longest comment, in characters.
const LONGEST_COMMENT: usize = 2000;
/// The longest text of a service that is looked at, in characters.
const LONGEST_SERVICE: usize = 200;

/// The members without which there is no answer.
const NEEDED: [&str; 3] = ["survey_id", "id", "answers"];

/// An item that has a survey, an id and scores.
#[derive(Debug)]
pub struct ReadItem {
    pub survey_id: Uuid,
    pub id: Uuid,
    pub part: Part,
    /// The members that were left out or cut, as pointers from the item.
    pub ignored: Vec<String>,
}

impl ReadItem {
    /// Leaves out a mode that the sender cannot have: a phone collects no forms of years ago, and only the form under a survey
    /// link is self-service.
    pub fn without_mode(mut self, is_wrong: impl Fn(ResponseMode) -> bool) -> Self {
        if let Some(mode) = self.part.content.mode.take_if(|mode| is_wrong(*mode)) {
            let place = (None, "mode".to_owned());
            self.part.as_sent.push((place, mode.as_str().into()));
            self.ignored.push("/mode".to_owned());
        }
        self
    }
}

/// Reads an item. `received_at` stands for an instant of the answer that cannot be read. The pointers of an error begin at
/// the item.
pub fn read(item: &RawItem, contract: &Contract, received_at: DateTime<Utc>) -> Result<ReadItem, Error> {
    match item.read::<BatchedResponse>(contract) {
        Ok(whole) => {
            let (survey_id, id) = (whole.survey_id, whole.id);
            let part = Part::whole(whole.into());
            Ok(ReadItem {
                survey_id,
                id,
                part,
                ignored: Vec::new(),
            })
        }
        Err(error) => match item.read_partially::<Members>() {
            Some(members) => Reader::default().read(members, contract, received_at),
            None => Err(error),
        },
    }
}

/// The members of an item, each unread: one that is no valid JSON leaves the others readable.
#[derive(Debug, Default)]
struct Members {
    first: BTreeMap<String, Box<RawValue>>,
    names_twice: BTreeSet<String>,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Members::default();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    match members.first.entry(name) {
                        Entry::Vacant(free) => {
                            free.insert(value);
                        }
                        Entry::Occupied(first) => {
                            members.names_twice.insert(first.key().clone());
                        }
                    }
                }
                Ok(members)
            }
        }
        json.deserialize_map(Collect)
    }
}

#[derive(Debug, Default)]
struct Reader {
    as_sent: Vec<(Place, Value)>,
    ignored: Vec<String>,
    flags: Flags,
}

impl Reader {
    fn read(mut self, members: Members, contract: &Contract, received_at: DateTime<Utc>) -> Result<ReadItem, Error> {
        let Members { first, names_twice } = members;
        let mut values: Map<String, Value> = Map::new();
        for (name, raw) in first {
            let is_needed = NEEDED.contains(&name.as_str());
            let is_repeated = names_twice.contains(&name);
            match parse(raw.get().as_bytes()) {
                _ if is_repeated && is_needed => {
                    let error = repeated(format!("#/{name}"));
                    return Err(Error::fields(Code::InvalidBody, vec![error]));
                }
                Ok(value) if !is_repeated => {
                    values.insert(name, value);
                }
                Err(error) if is_needed => return Err(error),
                // The text itself, as it was sent.
                _ => self.leave_out(None, &name, Value::String(raw.get().to_owned())),
            }
        }
        self.check_needed(&mut values, contract)?;
        let survey_id = needed(&mut values, "survey_id")?;
        let id = needed(&mut values, "id")?;
        let answers = needed(&mut values, "answers")?;
        let answered_at = self.typed(&mut values, None, "answered_at", ResponseFlag::AnsweredAtReplaced);
        if answered_at.is_none() {
            self.flags.add(ResponseFlag::AnsweredAtReplaced);
        }
        let content = NewResponse {
            id: Some(id),
            answers,
            answered_at: answered_at.unwrap_or(received_at),
            service: self.service(&mut values),
            village_code: self.typed(&mut values, None, "village_code", ResponseFlag::VillageDropped),
            respondent: self.respondent(&mut values),
            comment: self.comment(&mut values),
            mode: self.unflagged(&mut values, "mode"),
        };
        if answered_at.is_none() && !self.as_sent.iter().any(|((_, name), _)| name == "answered_at") {
            // Absent, so that a retry has the same fingerprint whenever it arrives.
            self.as_sent.push(((None, "answered_at".to_owned()), Value::Null));
        }
        for (name, value) in values {
            if !value.is_null() {
                self.leave_out(None, &name, value);
            }
        }
        Ok(ReadItem {
            survey_id,
            id,
            part: Part {
                content,
                as_sent: self.as_sent,
                flags: self.flags,
            },
            ignored: self.ignored,
        })
    }

    /// Refuses the item for the faults of its needed members. Scores of unknown elements are left out.
    fn check_needed(&mut self, values: &mut Map<String, Value>, contract: &Contract) -> Result<(), Error> {
        if let Some(Value::Object(answers)) = values.get_mut("answers") {
            let is_unknown = |name: &String| Element::from_code(name).is_none();
            let unknown: Vec<String> = answers.keys().filter(|name| is_unknown(name)).cloned().collect();
            for name in unknown {
                if let Some(score) = answers.remove(&name) {
                    self.leave_out(Some("answers"), &name, score);
                }
            }
        }
        let needed: Map<String, Value> = NEEDED
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), values.get(*name)?.clone())))
            .collect();
        let Err(error) = contract.check_body(&BatchedResponse::name(), &Value::Object(needed)) else {
            return Ok(());
        };
        let is_needed = |error: &FieldError| {
            let pointer = error.pointer.trim_start_matches("#/");
            NEEDED
                .iter()
                .any(|name| pointer == *name || pointer.starts_with(&format!("{name}/")))
        };
        let errors: Vec<FieldError> = error.errors.into_iter().filter(is_needed).collect();
        if errors.is_empty() {
            return Ok(());
        }
        Err(Error::fields(Code::InvalidBody, errors))
    }

    /// Names a member that is left out.
    fn leave_out(&mut self, parent: Option<&'static str>, name: &str, sent: Value) {
        self.name(parent, name);
        self.as_sent.push(((parent, name.to_owned()), sent));
    }

    fn name(&mut self, parent: Option<&'static str>, name: &str) {
        const LONGEST_NAME: usize = 64;
        let shown: String = name.chars().take(LONGEST_NAME).collect();
        let shown = shown.replace('~', "~0").replace('/', "~1");
        self.ignored.push(match parent {
            Some(parent) => format!("/{parent}/{shown}"),
            None => format!("/{shown}"),
        });
    }

    /// Takes a member that has the right type, or leaves it out with a flag.
    fn typed<T: DeserializeOwned>(
        &mut self,
        values: &mut Map<String, Value>,
        parent: Option<&'static str>,
        name: &str,
        flag: ResponseFlag,
    ) -> Option<T> {
        let value = values.remove(name).filter(|value| !value.is_null())?;
        match serde_json::from_value(value.clone()) {
            Ok(typed) => Some(typed),
            Err(_) => {
                self.flags.add(flag);
                self.leave_out(parent, name, value);
                None
            }
        }
    }

    fn unflagged<T: DeserializeOwned>(&mut self, values: &mut Map<String, Value>, name: &str) -> Option<T> {
        let before = self.flags;
        let value = self.typed(values, None, name, ResponseFlag::ProfileDropped);
        self.flags = before;
        value
    }

    /// Any text may become a code, so it is kept as it was sent.
    fn service(&mut self, values: &mut Map<String, Value>) -> Option<String> {
        let value = values.remove("service").filter(|value| !value.is_null())?;
        match value {
            Value::String(text) if is_storable(&text, LONGEST_SERVICE) => Some(text),
            other => {
                let cut = other.as_str().map(|text| cut(text, LONGEST_SERVICE));
                match &cut {
                    Some(_) => self.as_sent.push(((None, "service".to_owned()), other)),
                    None => {
                        self.flags.add(ResponseFlag::ServiceDropped);
                        self.leave_out(None, "service", other);
                    }
                }
                cut
            }
        }
    }

    fn comment(&mut self, values: &mut Map<String, Value>) -> Option<String> {
        let value = values.remove("comment").filter(|value| !value.is_null())?;
        match value {
            Value::String(text) if is_storable(&text, LONGEST_COMMENT) => Some(text),
            other => {
                let cut = other.as_str().map(|text| cut(text, LONGEST_COMMENT));
                let cut = cut.filter(|text| !text.trim().is_empty());
                self.flags.add(ResponseFlag::CommentCut);
                self.leave_out(None, "comment", other);
                cut
            }
        }
    }

    fn respondent(&mut self, values: &mut Map<String, Value>) -> Option<Respondent> {
        let value = values.remove("respondent").filter(|value| !value.is_null())?;
        let Value::Object(mut members) = value else {
            self.flags.add(ResponseFlag::ProfileDropped);
            self.leave_out(None, "respondent", value);
            return None;
        };
        let parent = Some("respondent");
        let respondent = Respondent {
            gender: self.checked(&mut members, "gender", |code: &String| is_code(code)),
            age: self.checked(&mut members, "age", |age: &i16| (1..=120).contains(age)),
            education: self.checked(&mut members, "education", |code: &String| is_code(code)),
            occupation: self.checked(&mut members, "occupation", |code: &String| is_code(code)),
        };
        for (name, value) in members {
            if !value.is_null() {
                self.leave_out(parent, &name, value);
            }
        }
        Some(respondent)
    }

    fn checked<T: DeserializeOwned>(
        &mut self,
        members: &mut Map<String, Value>,
        name: &str,
        is_right: impl Fn(&T) -> bool,
    ) -> Option<T> {
        let sent = members.get(name).cloned();
        let flag = ResponseFlag::ProfileDropped;
        let value = self.typed(members, Some("respondent"), name, flag)?;
        if is_right(&value) {
            return Some(value);
        }
        self.flags.add(flag);
        self.leave_out(Some("respondent"), name, sent.unwrap_or_default());
        None
    }
}

fn needed<T: DeserializeOwned>(values: &mut Map<String, Value>, name: &str) -> Result<T, Error> {
    let value = values.remove(name).unwrap_or_default();
    serde_json::from_value(value).map_err(|_| Error::new(Code::InvalidBody).at(format!("#/{name}")))
}

fn is_code(code: &str) -> bool {
    let is_known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=64).contains(&code.len()) && code.bytes().all(is_known)
}

/// Returns whether the databases can store a text of this length. PostgreSQL stores no NUL.
fn is_storable(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && !text.contains('\0') && text.chars().count() <= longest
}

fn cut(text: &str, longest: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(longest).collect()
}
