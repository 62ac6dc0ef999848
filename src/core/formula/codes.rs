//! The machine-readable words of results. They are part of the contract.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::core::institution::InactiveReason;
use crate::core::skm::SurveyReason;

/// The finality of a realisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RealisationStatus)]
pub enum Status {
    Computed,
    /// The period is not over at the as-of instant, or a contributing survey is open.
    Provisional,
    /// There is no value; the reason explains it.
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
    /// No desa exists on the measuring date (or no report is owed in the year), so there is nothing to divide by.
    NoVillages,
    /// IKU 4 and 5: nobody recorded the year. IKU 2: no institution of the district was ever recorded. Never measured is not
    /// zero.
    NotRecorded,
    /// The window begins after the as-of day.
    PeriodNotStarted,
}

/// The reason why a candidate does not contribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ExclusionReason)]
pub enum Exclusion {
    /// The record is outside the window, or its village is not a desa on the measuring date.
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
    /// Another report meets the same obligation.
    Duplicate,
    /// An obligation for which no report was ever recorded; the only exclusion without a record.
    Missing,
}

impl From<InactiveReason> for Exclusion {
    fn from(inactive: InactiveReason) -> Self {
        match inactive {
            InactiveReason::Revoked => Self::Revoked,
            InactiveReason::Lapsed => Self::Lapsed,
            InactiveReason::NotStarted => Self::NotStarted,
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

/// An additional figure. It is not part of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InformationCode {
    /// IKU 1: the index over all respondents of the contributing surveys, taken as one survey, 25..100.
    Pooled,
    /// IKU 1: the number of contributing surveys.
    Surveys,
    /// IKU 2: active institutions whose term ends within 90 days of the measuring date, unless renewed.
    #[serde(rename = "expiring_within_90_days")]
    ExpiringWithin90Days,
    /// IKU 3: referred cases without a recorded receipt.
    ReferredWithoutReceipt,
    /// IKU 3: counted cases that are not handled yet.
    InProgress,
    /// IKU 4 and 5: desa that have delivered all reports of the year.
    VillagesComplete,
    /// IKU 4 and 5: reports that were delivered by their due day.
    OnTime,
    /// IKU 4 and 5: reports that were delivered after their due day.
    Late,
    /// IKU 4 and 5: report kinds in the list of the year.
    KindsListed,
    /// IKU 4 and 5: reports per village that the decree names. If it differs from `kinds_listed`, the list is not the decree's.
    KindsInDecree,
    /// IKU 4 and 5: listed kinds that neither the decree nor the kecamatan has confirmed.
    UnconfirmedKinds,
    /// IKU 4 and 5: reports that fell due before their desa existed; they are not in the denominator.
    NotDue,
}
