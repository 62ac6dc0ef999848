//! The machine-readable words of results. They are part of the contract: clients see each new word.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::core::institution::Inactive;
use crate::core::skm::SurveyReason;

/// The finality of a realisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RealisationStatus)]
pub enum Status {
    Computed,
    /// The period is not over at the as-of instant, or a contributing survey is open.
    Provisional,
    /// There is no value; the reason says why.
    NotComputable,
}

/// The reason why a realisation has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RealisationReason)]
pub enum Reason {
    /// No survey of the section, drafts apart, ends in the window.
    NoSurvey,
    /// Surveys end in the window; the first one has no answers.
    NoResponses,
    /// Surveys end in the window; in the first of them an active element has no answer.
    ElementUnanswered,
    /// Nothing occurred: neither 0 nor 100 percent.
    NoCases,
    /// No desa exists on the measuring date (or no report kind is owed in the year), so there is nothing to divide by.
    NoVillages,
    /// The window begins after the as-of day.
    PeriodNotStarted,
}

/// The reason why a candidate record does not contribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// It lies outside the window, or its village does not exist as a desa on the measuring date.
    OutsidePeriod,
    /// A case that counts as occurred, but not as handled.
    NotHandled,
    Returned,
    Rejected,
    Revoked,
    Lapsed,
    NotStarted,
    Draft,
    NoResponses,
    ElementUnanswered,
    Deleted,
    Quarantined,
    /// An obligation for which no report was ever recorded; the only exclusion without a record.
    Missing,
}

impl From<Inactive> for Exclusion {
    fn from(inactive: Inactive) -> Self {
        match inactive {
            Inactive::Revoked => Self::Revoked,
            Inactive::Lapsed => Self::Lapsed,
            Inactive::NotStarted => Self::NotStarted,
        }
    }
}

impl From<SurveyReason> for Exclusion {
    fn from(reason: SurveyReason) -> Self {
        match reason {
            SurveyReason::NoResponses => Self::NoResponses,
            SurveyReason::ElementUnanswered => Self::ElementUnanswered,
        }
    }
}

impl From<SurveyReason> for Reason {
    fn from(reason: SurveyReason) -> Self {
        match reason {
            SurveyReason::NoResponses => Self::NoResponses,
            SurveyReason::ElementUnanswered => Self::ElementUnanswered,
        }
    }
}

/// A figure beside the value, labelled as information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InformationCode {
    /// IKU 1: the index over all respondents of the contributing surveys as if they had answered one, 25..100.
    Pooled,
    /// IKU 1: the number of contributing surveys.
    Surveys,
    /// IKU 2: active institutions that cease to be so within 90 days of the measuring date, unless renewed.
    #[serde(rename = "expiring_within_90_days")]
    ExpiringWithin90Days,
    /// IKU 3: referred cases without a recorded receipt.
    ReferredWithoutReceipt,
    /// IKU 3: counted cases that are not handled yet.
    InProgress,
    /// IKU 4 and 5: desa that have delivered everything they owe in the year.
    VillagesComplete,
    /// IKU 4 and 5: delivered reports that came by their due day.
    OnTime,
    /// IKU 4 and 5: delivered reports that came after it.
    Late,
}
