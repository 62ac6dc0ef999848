//! Events of a case in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use ::entity::case_event;

use crate::core::case::{Event, EventKind, Life};
use crate::platform::error::Error;
use crate::platform::http::Page;

/// The most events of a case.
pub const MOST: usize = 50;

/// An event of a case to record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"kind": "verified", "at": "2025-03-15T09:00:00+08:00", "note": "Dibenarkan oleh ketua RT"}))]
pub struct NewCaseEvent {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    pub kind: EventKind,
    /// The instant of the event: not in the future, not before the case occurred, and not before the previous event that
    /// was not taken back.
    #[schema(example = "2025-03-15T09:00:00+08:00")]
    pub at: DateTime<Utc>,
    /// With `withdrawn` the reason, which is needed there.
    #[schema(min_length = 1, max_length = 2000, example = "Diteruskan ke Satpol PP")]
    pub note: Option<String>,
    /// To whom the case is `referred`; needed there, and nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, example = "Satpol PP Kabupaten Balangan")]
    pub referred_to: Option<String>,
    /// The receipt of a referral, given by the office that received the case; with `receipt_added` it is needed.
    #[schema(min_length = 1, max_length = 2000, example = "300/21/SATPOLPP/2025")]
    pub receipt: Option<String>,
}

/// A recorded event of a case. Events never change; an event that was taken back stays readable.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseEvent {
    pub id: Uuid,
    pub kind: EventKind,
    #[schema(example = "2025-03-15T01:00:00Z")]
    pub at: DateTime<Utc>,
    #[schema(required, max_length = 2000, example = "Diteruskan ke Satpol PP")]
    pub note: Option<String>,
    #[schema(required, max_length = 200, example = "Satpol PP Kabupaten Balangan")]
    pub referred_to: Option<String>,
    #[schema(required, max_length = 2000, example = "300/21/SATPOLPP/2025")]
    pub receipt: Option<String>,
    /// True for a referral without a receipt, given with it or added later.
    pub receipt_missing: bool,
    /// The event `withdrawn` that takes this event back; null: it counts.
    #[schema(required)]
    pub withdrawn_by: Option<Uuid>,
    pub recorded_at: DateTime<Utc>,
    #[schema(max_length = 100, example = "kasi.trantibum")]
    pub recorded_by: String,
}

pub type CaseEventPage = Page<CaseEvent>;

/// Returns the events as the core sees them.
pub fn facts(rows: &[case_event::Model]) -> Result<Vec<Event>, Error> {
    let fact = |row: &case_event::Model| {
        Ok(Event {
            kind: row.kind.parse()?,
            at: row.at,
            has_receipt: row.receipt.is_some(),
        })
    };
    rows.iter().map(fact).collect()
}

/// Returns the events of a case in one version. What an event means depends on the events after it.
pub fn views(rows: Vec<case_event::Model>) -> Result<Vec<CaseEvent>, Error> {
    let facts = facts(&rows)?;
    let life = Life::of(&facts);
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let numbered = rows.into_iter().zip(&facts).enumerate();
    let view = |(position, (row, fact)): (usize, (case_event::Model, &Event))| {
        let case_event::Model {
            id,
            case_id: _,
            position: _,
            kind: _,
            at,
            note,
            referred_to,
            receipt,
            recorded_at,
            recorded_by,
            fingerprint: _,
        } = row;
        CaseEvent {
            id,
            kind: fact.kind,
            at,
            note,
            referred_to,
            receipt,
            receipt_missing: life.lacks_receipt(position),
            withdrawn_by: life.taken_back_by(position).and_then(|by| ids.get(by).copied()),
            recorded_at,
            recorded_by,
        }
    };
    Ok(numbered.map(view).collect())
}
