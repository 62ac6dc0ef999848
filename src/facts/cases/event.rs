//! Events of a case in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use ::entity::case_event;

use crate::core::case::EventKind;
use crate::platform::error::Error;
use crate::platform::http::Page;

/// An event of a case to record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"kind": "verified", "at": "2025-03-15T09:00:00+08:00", "note": "Dibenarkan oleh ketua RT"}))]
pub struct NewCaseEvent {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    pub kind: EventKind,
    /// When it happened: not in the future, not before the case occurred, and not before the previous event.
    #[schema(example = "2025-03-15T09:00:00+08:00")]
    pub at: DateTime<Utc>,
    #[schema(min_length = 1, max_length = 2000, example = "Diteruskan ke Satpol PP")]
    pub note: Option<String>,
    /// The receipt of a referral, given by the office that received the case.
    #[schema(min_length = 1, max_length = 2000, example = "300/21/SATPOLPP/2025")]
    pub receipt: Option<String>,
}

/// A recorded event of a case. Events never change.
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
    /// True for a referral without a receipt.
    pub receipt_missing: bool,
    pub recorded_at: DateTime<Utc>,
    #[schema(max_length = 100, example = "kasi.trantibum")]
    pub recorded_by: String,
}

pub type CaseEventPage = Page<CaseEvent>;

impl TryFrom<case_event::Model> for CaseEvent {
    type Error = Error;

    fn try_from(row: case_event::Model) -> Result<Self, Error> {
        let case_event::Model {
            id,
            case_id: _,
            position: _,
            kind,
            at,
            note,
            receipt,
            recorded_at,
            recorded_by,
            fingerprint: _,
        } = row;
        let kind = kind.parse()?;
        Ok(Self {
            id,
            kind,
            at,
            receipt_missing: kind == EventKind::Referred && receipt.is_none(),
            note,
            receipt,
            recorded_at,
            recorded_by,
        })
    }
}
