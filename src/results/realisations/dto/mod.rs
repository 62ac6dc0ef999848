//! Realisations in responses (DESIGN section 5). Each list of records behind a value has a file of its own.

mod agreement;
mod closing;
mod difference;
mod explanation;
mod gap;
mod note;
mod records;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::core::achievement::{AchievementReason, Category, Polarity};
use crate::core::formula::{InformationCode, Reason, Status};
use crate::core::grade::Grade;
use crate::core::period::{Period, Window};
use crate::platform::decimal_json::Decimal2;
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, Slug};

pub use agreement::TargetAgreement;
pub use closing::{PeriodClosing, RevisedValue};
pub use difference::{
    AnswersChanged, ChangedRecord, Difference, DifferenceCause, DifferenceFilter, DifferenceStep, RecordVerdict,
};
pub use explanation::{
    CasesCounted, Choice, DecreeText, ElementCounted, Explanation, Inputs, InstitutionsCounted, ObligationCounted,
    OtherReading, SurveyCounted,
};
pub use gap::{Gap, GapTarget};
pub use note::PeriodNote;
pub use records::{JudgedRecord, JudgedRecordFilter, OwedReport, RecordReference, RecordType, VerdictCode};

/// The value of an indicator in a period, with its target, its achievement and its formula. Closings store it as JSON, so a new
/// member needs a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Realisation {
    pub indicator: MeasuredIndicator,
    pub district_code: DistrictCode,
    #[schema(value_type = String, max_length = 7, example = "2025-Q2")]
    pub period: Period,
    /// Year to date: 1 January to the period's last day.
    pub window: Window,
    /// The requested instant; null: now.
    #[schema(required)]
    pub as_of: Option<DateTime<Utc>>,
    /// The instant at which the newest fact was recorded; null if there are no facts.
    #[schema(required)]
    pub facts_recorded_at: Option<DateTime<Utc>>,
    pub status: Status,
    /// The reason why there is no value.
    #[schema(required)]
    pub reason: Option<Reason>,
    /// The reason and its remedy in a sentence, in the caller's language.
    #[schema(
        required,
        max_length = 500,
        example = "Belum ada survei yang berakhir dalam periode ini."
    )]
    pub reason_text: Option<String>,
    /// In the indicator's unit, rounded once, half up.
    #[schema(required)]
    pub value: Option<Decimal2>,
    /// Null for an index, which is not a ratio of two counts.
    #[schema(required, minimum = 0, maximum = 9007199254740991_i64, example = 22)]
    pub numerator: Option<u64>,
    /// Null for an index and for a count.
    #[schema(required, minimum = 0, maximum = 9007199254740991_i64, example = 28)]
    pub denominator: Option<u64>,
    /// The exact value as a reduced fraction (for a percentage: of the ratio).
    #[schema(required, max_length = 10000, example = "11/14")]
    pub exact: Option<String>,
    #[schema(required)]
    pub target: Option<Decimal2>,
    /// The agreement that promises the target. Absent: the target names none, or there is no target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub target_agreement: Option<TargetAgreement>,
    /// Percent, from the unrounded value, not capped.
    #[schema(required)]
    pub achievement: Option<Decimal2>,
    /// Permendagri 86/2017.
    #[schema(required)]
    pub achievement_category: Option<Category>,
    /// The reason why there is no achievement.
    #[schema(required)]
    pub achievement_reason: Option<AchievementReason>,
    /// The target of the whole year, which SAKIP compares each quarter with. For the year itself it is `target`.
    #[serde(default)]
    #[schema(required)]
    pub year_target: Option<Decimal2>,
    /// Percent of `year_target`, from the unrounded value, not capped.
    #[serde(default)]
    #[schema(required)]
    pub year_achievement: Option<Decimal2>,
    /// The reason why there is no achievement of the year's target. Null with a value of a closing that is older than these
    /// members.
    #[serde(default)]
    #[schema(required)]
    pub year_achievement_reason: Option<AchievementReason>,
    /// The grade of an index.
    #[schema(required)]
    pub grade: Option<GradeOfIndex>,
    pub formula: AppliedFormula,
    /// Additional figures, which are not part of the value.
    #[schema(max_items = 10)]
    pub information: Vec<InformationItem>,
    /// The closing of the period. Everything above is then what was closed, for every equivalent period (`2025-Q2`, `2025-S1`).
    /// Null: the period is open, or the value was computed as of an instant.
    #[schema(required)]
    pub closing: Option<PeriodClosing>,
    /// Kendala and tindak lanjut of the period: of now, or of the requested instant, also beside a closed value. Absent: none is
    /// recorded. An explanation and a difference do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub note: Option<PeriodNote>,
}

/// The measured indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MeasuredIndicator {
    #[schema(example = "paringin-iku-4")]
    pub code: Slug,
    #[schema(minimum = 1, maximum = 1000, example = 4)]
    pub number: i32,
    #[schema(max_length = 2000, example = "Persentase Desa yang Tertib Administrasi Pemerintahan")]
    pub name: String,
    /// index | count | percent
    #[schema(max_length = 20, example = "percent")]
    pub unit: String,
    pub polarity: Polarity,
    #[schema(required, max_length = 200)]
    pub external_code: Option<String>,
}

/// Grade by Permen PANRB 14/2017.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GradeOfIndex {
    #[schema(max_length = 1, example = "B")]
    pub letter: String,
    #[schema(max_length = 20, example = "Baik")]
    pub label: String,
}

impl GradeOfIndex {
    pub fn new(grade: Grade) -> Result<Self, Error> {
        Ok(Self {
            letter: grade.to_string(),
            label: grade.label().to_owned(),
        })
    }
}

/// The formula with its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AppliedFormula {
    #[schema(max_length = 40, example = "report_delivery")]
    pub kind: String,
    /// In the caller's language.
    #[schema(max_length = 500, example = "22 laporan disampaikan / (2 laporan x 14 desa) x 100%")]
    pub text: String,
    /// Number of the decree that sets the indicator.
    #[schema(max_length = 200, example = "139/CPAR/2023")]
    pub decree: String,
}

/// An additional figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InformationItem {
    pub code: InformationCode,
    pub value: Decimal2,
}

/// The period, or the first and the last of several periods, and the district of a list of realisations.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RealisationFilter {
    /// `2025`, `2025-S1`, `2025-Q2` or `2025-06`. Absent, and without `from` and `to`: the current year (WITA).
    #[param(value_type = Option<String>, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", example = "2025-Q2")]
    pub period: Option<Period>,
    /// Absent: every district that the token allows. Needed with `from` and `to` if there are several.
    pub district_code: Option<DistrictCode>,
    /// The first of several periods, in place of `period`; with `to`.
    #[param(value_type = Option<String>, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", example = "2023-Q1")]
    pub from: Option<Period>,
    /// The last period, of the same kind as `from`. A list spans at most five calendar years.
    #[param(value_type = Option<String>, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", example = "2025-Q4")]
    pub to: Option<Period>,
    /// Only values that may have moved by a change recorded at this instant or later.
    #[param(example = "2025-06-30T09:00:00+08:00")]
    pub changed_since: Option<DateTime<Utc>>,
}

/// The first and the last period of a series.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SeriesFilter {
    /// `2025`, `2025-S1`, `2025-Q2` or `2025-06`.
    #[param(value_type = String, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", example = "2025-Q1")]
    pub from: Period,
    /// Of the same kind as `from`.
    #[param(value_type = String, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", example = "2025-Q4")]
    pub to: Period,
}

/// The realisations of all indicators, and the achievement of each objective.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RealisationSheet {
    #[schema(max_items = 100)]
    pub items: Vec<Realisation>,
    #[schema(required, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// All rows of the list; only with `count=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 9007199254740991_i64)]
    pub total: Option<u64>,
    /// Only for a single district and a single period.
    #[schema(max_items = 100)]
    pub objectives: Vec<ObjectiveAchievement>,
    /// The districts of the list that have no values in a year, because no decree with indicators is in force in it. On the
    /// first page only; of the whole regency at most 100, first those whose decree has ended.
    #[schema(max_items = 100)]
    pub not_in_force: Vec<DistrictNotInForce>,
}

/// A district without a decree with indicators in force in the year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DistrictNotInForce {
    pub district_code: DistrictCode,
    #[schema(minimum = 2000, maximum = 2100, example = 2027)]
    pub year: i32,
    /// The last year in which indicators are in force; null: there is no such year.
    #[schema(required, minimum = 2000, maximum = 2100, example = 2026)]
    pub last_year: Option<i32>,
}

/// Sasaran strategis: the plain mean of its indicators' achievements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ObjectiveAchievement {
    #[schema(max_length = 2000, example = "Meningkatnya Penyelenggaraan Pemerintahan Desa")]
    pub objective: String,
    /// Null when none of its indicators has an achievement.
    #[schema(required)]
    pub achievement: Option<Decimal2>,
}
