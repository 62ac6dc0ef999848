//! Events of a case as they come in and go out, and the stored words for kinds and statuses.

use chrono::{DateTime, Utc};
use serde::de::value::{Error as Unknown, StrDeserializer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use ::entity::case_event;

use crate::core::case::{CaseStatus, Event, EventKind};
use crate::platform::error::Error;
use crate::platform::http::Page;

/// Something that happened to a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"kind": "referred", "at": "2025-03-15T09:00:00+08:00", "note": "Diteruskan ke Satpol PP", "receipt": "300/21/SATPOLPP/2025"}))]
pub struct NewCaseEvent {
    /// Made by the caller, so that sending it again is safe; absent: made here.
    pub id: Option<Uuid>,
    pub kind: EventKind,
    /// When it happened: not in the future, not before the case occurred, not before the event before.
    #[schema(example = "2025-03-15T09:00:00+08:00")]
    pub at: DateTime<Utc>,
    #[schema(min_length = 1, max_length = 2000, example = "Diteruskan ke Satpol PP")]
    pub note: Option<String>,
    /// What the receiver of a referral gave as receipt.
    #[schema(min_length = 1, max_length = 2000, example = "300/21/SATPOLPP/2025")]
    pub receipt: Option<String>,
}

/// An event of a case as recorded; never changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseEvent {
    pub id: Uuid,
    pub kind: EventKind,
    #[schema(example = "2025-03-15T01:00:00Z")]
    pub at: DateTime<Utc>,
    #[schema(required, max_length = 2000, example = "Diteruskan ke Satpol PP")]
    pub note: Option<String>,
    #[schema(required, max_length = 2000, example = "300/21/SATPOLPP/2025")]
    pub receipt: Option<String>,
    /// A referral without a receipt.
    pub receipt_missing: bool,
    pub recorded_at: DateTime<Utc>,
    #[schema(max_length = 100, example = "kasi.trantibum")]
    pub recorded_by: String,
}

pub type CaseEventPage = Page<CaseEvent>;

impl TryFrom<case_event::Model> for CaseEvent {
    type Error = Error;

    fn try_from(row: case_event::Model) -> Result<Self, Error> {
        let Event { kind, at, has_receipt } = fact(&row)?;
        let case_event::Model {
            id,
            case_id: _,
            position: _,
            kind: _,
            at: _,
            note,
            receipt,
            recorded_at,
            recorded_by,
            fingerprint: _,
        } = row;
        Ok(Self {
            id,
            kind,
            at,
            note,
            receipt,
            receipt_missing: kind == EventKind::Referred && !has_receipt,
            recorded_at,
            recorded_by,
        })
    }
}

/// What the core sees of an event.
pub fn fact(row: &case_event::Model) -> Result<Event, Error> {
    Ok(Event {
        kind: read(&row.kind)?,
        at: row.at,
        has_receipt: row.receipt.is_some(),
    })
}

/// The status that a stored word stands for.
pub fn status(stored: &str) -> Result<CaseStatus, Error> {
    read(stored)
}

pub fn status_word(status: CaseStatus) -> &'static str {
    match status {
        CaseStatus::Reported => "reported",
        CaseStatus::Verified => "verified",
        CaseStatus::Handling => "handling",
        CaseStatus::Resolved => "resolved",
        CaseStatus::Referred => "referred",
        CaseStatus::Rejected => "rejected",
    }
}

pub fn kind_word(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Verified => "verified",
        EventKind::Handling => "handling",
        EventKind::Resolved => "resolved",
        EventKind::Referred => "referred",
        EventKind::Rejected => "rejected",
    }
}

/// The stored words are those of the API.
fn read<'a, T: Deserialize<'a>>(stored: &'a str) -> Result<T, Error> {
    T::deserialize(StrDeserializer::<Unknown>::new(stored)).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_can_be_read() {
        use CaseStatus as S;
        for one in [
            S::Reported,
            S::Verified,
            S::Handling,
            S::Resolved,
            S::Referred,
            S::Rejected,
        ] {
            assert_eq!(status(status_word(one)).unwrap(), one);
        }
        use EventKind as K;
        for one in [K::Verified, K::Handling, K::Resolved, K::Referred, K::Rejected] {
            assert_eq!(read::<K>(kind_word(one)).unwrap(), one);
        }
    }
}
