//! A submitted answer, and its outcome.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use ::entity::response;

use super::content::Place;
use super::dto::NewResponse;
use super::flags::Flags;
use crate::access::{Actor, Role};
use crate::platform::error::Error;

/// The treatment of an answer that would not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// It is refused unless the survey is open.
    OnlyOpen,
    /// It is quarantined when the survey is closed, and refused while the survey is a draft. Other content under a
    /// taken id is quarantined too.
    QuarantineClosed,
    /// It is always quarantined: the device was revoked.
    AlwaysQuarantine,
}

impl Acceptance {
    pub fn has_quarantine(self) -> bool {
        self != Self::OnlyOpen
    }
}

/// The content of an answer as far as it was understood.
#[derive(Clone, Debug)]
pub struct Part {
    pub content: NewResponse,
    /// The members that were not understood, or not stored as they were sent.
    pub as_sent: Vec<(Place, Value)>,
    pub flags: Flags,
}

impl Part {
    pub fn whole(content: NewResponse) -> Self {
        Self {
            content,
            as_sent: Vec::new(),
            flags: Flags::default(),
        }
    }
}

/// A submitted answer. It is normalised and fingerprinted before it is queued, to keep work off the single writer.
#[derive(Clone, Debug)]
pub struct Submission {
    pub survey_id: Uuid,
    pub id: Uuid,
    content: NewResponse,
    fingerprint: [u8; 32],
    flags: Flags,
    /// By the sender's clock, to judge whether that clock is right.
    pub sent_at: Option<DateTime<Utc>>,
    pub sender: Arc<Actor>,
    pub acceptance: Acceptance,
    /// Of a survey link: the answers in an hour that count without a look.
    pub hourly_budget: Option<u32>,
}

impl Submission {
    pub fn new(
        survey_id: Uuid,
        id: Uuid,
        content: NewResponse,
        sender: Arc<Actor>,
        acceptance: Acceptance,
    ) -> Result<Self, Error> {
        Self::of_part(survey_id, id, Part::whole(content), sender, acceptance)
    }

    /// Submits the part of an answer that was understood.
    pub fn of_part(
        survey_id: Uuid,
        id: Uuid,
        part: Part,
        sender: Arc<Actor>,
        acceptance: Acceptance,
    ) -> Result<Self, Error> {
        let content = part.content.normalised();
        let fingerprint = content.fingerprint(survey_id, &part.as_sent)?;
        Ok(Self {
            survey_id,
            id,
            content,
            fingerprint,
            flags: part.flags,
            sent_at: None,
            sender,
            acceptance,
            hourly_budget: None,
        })
    }

    pub fn sent_at(self, instant: DateTime<Utc>) -> Self {
        Self {
            sent_at: Some(instant),
            ..self
        }
    }

    /// Says that the answer came under a survey link with this budget.
    pub fn under_link(self, hourly_budget: u32) -> Self {
        Self {
            hourly_budget: Some(hourly_budget),
            ..self
        }
    }

    /// Returns the sending phone. Phones sign in as surveyors, and a survey link has the place of one; other senders
    /// have none.
    pub fn device(&self) -> Option<Uuid> {
        (self.sender.role == Role::Surveyor).then_some(self.sender.id)
    }

    /// Returns the normalised content.
    pub fn content(&self) -> &NewResponse {
        &self.content
    }

    /// Returns what is doubtful already before the receipt.
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// Returns the digest of content and survey. A retry has the same one, another answer does not.
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }
}

/// The outcome of a submission.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Stored now, and counted from now.
    Created(Box<response::Model>),
    /// Stored now, not counted until an officer releases it.
    Quarantined(Box<response::Model>),
    /// The same content was stored under this id before.
    AlreadyStored(Box<response::Model>),
    /// Other content is stored under this id.
    Conflict,
    /// Not stored. The pointers are those of a [`NewResponse`].
    Refused(Error),
}
