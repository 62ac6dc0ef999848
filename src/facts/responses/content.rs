//! The content of an answer in its normal form, and its digest.

use chrono::DateTime;
use serde_json::Value;
use uuid::Uuid;

use super::dto::{NewResponse, Respondent, Response, ResponseMode};
use crate::platform::error::{Error, OrInternal};
use crate::platform::fingerprint;

/// Instants in microseconds that both databases can store and RFC 3339 can write: the years 1 to 9999.
const STORABLE: [i64; 2] = [-62_135_596_800_000_000, 253_402_300_799_999_999];

impl NewResponse {
    /// Returns the content in its normal form: instants in microseconds, and no respondent without a member.
    pub fn normalised(self) -> Self {
        let micros = self.answered_at.timestamp_micros().clamp(STORABLE[0], STORABLE[1]);
        Self {
            answered_at: DateTime::from_timestamp_micros(micros).unwrap_or(self.answered_at),
            respondent: self.respondent.filter(|r| *r != Respondent::default()),
            mode: self.mode.filter(|mode| *mode != ResponseMode::Device),
            ..self
        }
    }

    /// Returns the SHA-256 of normalised content and its survey, without the id. A retry has the same digest, also when the
    /// service understands more of the content than before: `as_sent` are the members that were not understood as they were
    /// sent.
    pub fn fingerprint(&self, survey_id: Uuid, as_sent: &[(Place, Value)]) -> Result<[u8; 32], Error> {
        let content = Self {
            id: None,
            ..self.clone()
        };
        if as_sent.is_empty() {
            return fingerprint::canonical_digest(&(survey_id, content));
        }
        let mut content = serde_json::to_value(content).or_internal()?;
        for (place, value) in as_sent {
            put(&mut content, place, value.clone());
        }
        fingerprint::canonical_digest(&(survey_id, content))
    }
}

/// A member of the content, or of one of its members.
pub type Place = (Option<&'static str>, String);

fn put(content: &mut Value, (parent, name): &Place, value: Value) {
    let object = match parent {
        Some(parent) => &mut content[*parent],
        None => content,
    };
    if object.is_null() {
        *object = Value::Object(serde_json::Map::new());
    }
    if let Some(members) = object.as_object_mut() {
        members.insert(name.clone(), value);
    }
}

impl From<Response> for NewResponse {
    /// Returns the content of the answer.
    fn from(response: Response) -> Self {
        let Response {
            id,
            survey_id: _,
            answers,
            answered_at,
            received_at: _,
            mode,
            flags: _,
            clock_implausible: _,
            service,
            village_code,
            respondent,
            comment,
            void: _,
            counted_from: _,
        } = response;
        Self {
            id: Some(id),
            answers,
            answered_at,
            service,
            village_code,
            respondent,
            comment,
            mode: Some(mode).filter(|mode| *mode != ResponseMode::Device),
        }
    }
}
