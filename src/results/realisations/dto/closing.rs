//! The closing of a period, as a realisation shows it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Realisation;
use crate::platform::decimal_json::Decimal2;

/// The closing of a period: its time, its author, and what the value would be now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PeriodClosing {
    /// `/v1/closings/{id}` has its document and its signed statement.
    pub id: Uuid,
    /// 1, or more if the period was closed again.
    #[schema(minimum = 1, maximum = 2147483647, example = 1)]
    pub version: i32,
    /// The value is the one that was known at this instant.
    pub closed_at: DateTime<Utc>,
    #[schema(max_length = 100, example = "camat")]
    pub closed_by: String,
    /// SHA-256 of the statement in hexadecimal.
    #[schema(
        min_length = 64,
        max_length = 64,
        pattern = "^[0-9a-f]{64}$",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub statement_sha256: String,
    /// What the value would be now; null: the indicator is no longer in force.
    #[schema(required)]
    pub revised: Option<RevisedValue>,
}

/// The value of a closed period, computed now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RevisedValue {
    /// In the indicator's unit, rounded once, half up; null: not computable.
    #[schema(required)]
    pub value: Option<Decimal2>,
    /// As a reduced fraction (for a percentage: of the ratio).
    #[schema(required, max_length = 10000, example = "23/28")]
    pub exact: Option<String>,
    /// Whether it is another value than the closed one.
    pub changed: bool,
}

impl RevisedValue {
    /// Compares the value of now with the closed value.
    pub fn of(now: &Realisation, closed: &Realisation) -> Self {
        Self {
            value: now.value,
            exact: now.exact.clone(),
            changed: now.exact != closed.exact,
        }
    }
}
