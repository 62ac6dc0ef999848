//! When an answer counted, and who ended that.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use ::entity::{response, response_count_span};

use crate::platform::http::{Deletion, Page, Restored};

/// A span of time in which an answer counted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CountedSpan {
    /// The receipt of the answer, its release, or its restoration.
    pub counted_from: DateTime<Utc>,
    /// Null: it counts.
    #[schema(required)]
    pub counted_until: Option<DateTime<Utc>>,
    /// Who ended the span, when and why; null: it counts.
    #[schema(required)]
    pub void: Option<Deletion>,
    /// Who took the void back, when and why; the next span begins then. Null: nobody did.
    #[schema(required)]
    pub restored: Option<Restored>,
}

pub type CountedSpanPage = Page<CountedSpan>;

impl From<response_count_span::Model> for CountedSpan {
    fn from(span: response_count_span::Model) -> Self {
        Self {
            counted_from: span.counted_from,
            counted_until: Some(span.counted_until),
            void: void(Some(span.counted_until), Some(span.voided_by), Some(span.void_reason)),
            restored: Some(Restored {
                at: span.restored_at,
                by: span.restored_by,
                reason: span.restore_reason,
            }),
        }
    }
}

impl CountedSpan {
    /// Returns the last span of an answer; `None`: it never counted.
    pub fn last(row: response::Model) -> Option<Self> {
        row.counted_from.map(|counted_from| Self {
            counted_from,
            counted_until: row.counted_until,
            void: void(row.counted_until, row.voided_by, row.void_reason),
            restored: None,
        })
    }
}

/// Returns who voided an answer, when and why; `None`: it counts.
pub fn void(at: Option<DateTime<Utc>>, by: Option<String>, reason: Option<String>) -> Option<Deletion> {
    at.map(|at| Deletion {
        at,
        by: by.unwrap_or_default(),
        reason: reason.unwrap_or_default(),
    })
}
