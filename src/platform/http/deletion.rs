//! Deleted records in lists, and the request that restores them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::db::versions::VersionInfo;

/// Which records a list has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// The records that exist.
    #[default]
    Current,
    /// The records that were deleted and not restored.
    Deleted,
}

/// Who deleted a record, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"at": "2025-07-01T00:12:09.120Z", "by": "kasi.pmd", "reason": "Salah catat"}))]
pub struct Deletion {
    pub at: DateTime<Utc>,
    /// User name or client id.
    #[schema(max_length = 100)]
    pub by: String,
    #[schema(max_length = 300)]
    pub reason: String,
}

impl Deletion {
    /// Returns the deletion that a version records, if it is one.
    pub fn of(info: VersionInfo) -> Option<Self> {
        info.deleted.then(|| Self {
            at: info.recorded_at,
            by: info.recorded_by,
            reason: info.change_reason.unwrap_or_default(),
        })
    }
}

/// Who took a void or a decision back, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"at": "2025-07-02T00:12:09.120Z", "by": "kasi.pelayanan", "reason": "Ternyata benar"}))]
pub struct Restored {
    pub at: DateTime<Utc>,
    /// User name or client id.
    #[schema(max_length = 100)]
    pub by: String,
    #[schema(max_length = 300)]
    pub reason: String,
}

/// Restores a deleted record.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(example = json!({"reason": "Dihapus karena keliru"}))]
pub struct Restoration {
    /// The reason; stored with the new version.
    #[schema(min_length = 1, max_length = 300)]
    pub reason: String,
}
