//! The difference of a value between two instants.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{JudgedRecord, OwedReport, Realisation, RecordReference, VerdictCode};
use crate::core::formula::Exclusion;
use crate::platform::decimal_json::Decimal2;
use crate::platform::http::VillageCode;

/// The difference of a value between two instants.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RealisationDifference)]
pub struct Difference {
    /// The realisation as known at `from`.
    pub from: Realisation,
    /// The realisation as known at `to`.
    pub to: Realisation,
    /// One page of steps, in the order in which they happened. Their effects add up to the whole difference. A page has the steps
    /// of at most `limit` recordings, so it can have fewer or more steps.
    #[schema(max_items = 10000)]
    pub items: Vec<DifferenceStep>,
    #[schema(required, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// All recordings between the two instants, answers apart; only with `count=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 9007199254740991_i64)]
    pub total: Option<u64>,
}

/// One step between two values.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DifferenceStep {
    /// The instant of the recording, the beginning of the day, or the end of the span in which answers came.
    pub at: DateTime<Utc>,
    pub cause: DifferenceCause,
    #[schema(required)]
    pub value_before: Option<Decimal2>,
    /// As a reduced fraction (for a percentage: of the ratio).
    #[schema(required, max_length = 10000, example = "11/14")]
    pub exact_before: Option<String>,
    #[schema(required)]
    pub value_after: Option<Decimal2>,
    #[schema(required, max_length = 10000, example = "23/28")]
    pub exact_after: Option<String>,
    /// The unrounded value after less the unrounded value before, in the indicator's unit, as a reduced fraction; null where one
    /// of them has no value.
    #[schema(required, max_length = 10000, example = "25/7")]
    pub effect: Option<String>,
    /// The number of records whose verdict changed.
    #[schema(minimum = 0, maximum = 9007199254740991_i64, example = 1)]
    pub records_changed: u64,
    /// These records; at most the first 1,000.
    #[schema(max_items = 1000)]
    pub records: Vec<ChangedRecord>,
    /// The answers to one survey that were counted or voided; null for other causes.
    #[schema(required)]
    pub answers: Option<AnswersChanged>,
}

/// The cause of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceCause {
    /// A record was entered, corrected, deleted or restored.
    Record,
    /// Answers to a survey were counted or voided.
    Answers,
    /// A day began: a term ended, a delivery came into the window, the period began or was over.
    Calendar,
    /// A village, a report kind, an indicator or a decree changed.
    Rule,
    /// The target changed. It moves the achievement, not the value.
    Target,
}

/// A record or an obligation whose verdict changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangedRecord {
    #[schema(required)]
    pub record: Option<RecordReference>,
    #[schema(required)]
    pub obligation: Option<OwedReport>,
    #[schema(required)]
    pub village_code: Option<VillageCode>,
    /// Null: it was no candidate before.
    #[schema(required)]
    pub before: Option<RecordVerdict>,
    /// Null: it is no candidate any more.
    #[schema(required)]
    pub after: Option<RecordVerdict>,
}

impl ChangedRecord {
    pub fn new(judged: &JudgedRecord, before: Option<RecordVerdict>, after: Option<RecordVerdict>) -> Self {
        Self {
            record: judged.record.clone(),
            obligation: judged.obligation.clone(),
            village_code: judged.village_code.clone(),
            before,
            after,
        }
    }
}

/// The verdict of the formula on a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordVerdict {
    pub verdict: VerdictCode,
    #[schema(required, max_length = 10000, example = "1/1")]
    pub amount: Option<String>,
    #[schema(required)]
    pub reason: Option<Exclusion>,
}

/// The answers to a survey that changed between two steps.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnswersChanged {
    pub survey_id: Uuid,
    /// Answers that began to count.
    #[schema(minimum = 0, maximum = 9007199254740991_i64, example = 312)]
    pub counted: u64,
    /// Answers that no longer count.
    #[schema(minimum = 0, maximum = 9007199254740991_i64, example = 1)]
    pub voided: u64,
}

/// The two instants of a difference.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DifferenceFilter {
    /// The value as known at this instant is the first; default: the beginning of the year.
    #[param(example = "2025-07-01T08:00:00+08:00")]
    pub from: Option<DateTime<Utc>>,
    /// The value as known at this instant is the second; default: now. Not in the future.
    pub to: Option<DateTime<Utc>>,
}
