//! A submitted answer, and its outcome.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use ::entity::response;

use super::dto::NewResponse;
use crate::access::Actor;
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

/// A submitted answer. It is normalised and fingerprinted before it is queued, to keep work off the single writer.
#[derive(Clone, Debug)]
pub struct Submission {
    pub survey_id: Uuid,
    pub id: Uuid,
    content: NewResponse,
    fingerprint: [u8; 32],
    /// By the sender's clock, to judge whether that clock is right.
    pub sent_at: Option<DateTime<Utc>>,
    pub sender: Arc<Actor>,
    pub acceptance: Acceptance,
}

impl Submission {
    pub fn new(
        survey_id: Uuid,
        id: Uuid,
        content: NewResponse,
        sender: Arc<Actor>,
        acceptance: Acceptance,
    ) -> Result<Self, Error> {
        let content = content.normalised();
        let fingerprint = content.fingerprint(survey_id)?;
        Ok(Self {
            survey_id,
            id,
            content,
            fingerprint,
            sent_at: None,
            sender,
            acceptance,
        })
    }

    pub fn sent_at(self, instant: DateTime<Utc>) -> Self {
        Self {
            sent_at: Some(instant),
            ..self
        }
    }

    /// Returns the normalised content.
    pub fn content(&self) -> &NewResponse {
        &self.content
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
    /// Not stored. The pointers are those of a [`NewResponse`]. Only `survey_not_open` and errors of the service may
    /// change later.
    Refused(Error),
}
