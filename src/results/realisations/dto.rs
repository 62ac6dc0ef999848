//! Realisations in responses (DESIGN section 5).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::core::achievement::{AchievementReason, Category, Polarity};
use crate::core::decimal::Hundredths;
use crate::core::exact::Exact;
use crate::core::formula::gap::Need;
use crate::core::formula::{self, Exclusion, InformationCode, Reason, Status};
use crate::core::grade::Grade;
use crate::core::obligation::Punctuality;
use crate::core::period::{Period, Window};
use crate::platform::decimal_json::{Decimal2, Decimal3};
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, Page, Slug, VillageCode};

/// The value of an indicator in a period, with its target, its achievement and its formula.
#[derive(Clone, Debug, Serialize, ToSchema)]
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
    /// Percent, from the unrounded value, not capped.
    #[schema(required)]
    pub achievement: Option<Decimal2>,
    /// Permendagri 86/2017.
    #[schema(required)]
    pub achievement_category: Option<Category>,
    /// The reason why there is no achievement.
    #[schema(required)]
    pub achievement_reason: Option<AchievementReason>,
    /// The grade of an index.
    #[schema(required)]
    pub grade: Option<GradeOfIndex>,
    pub formula: AppliedFormula,
    /// Additional figures, which are not part of the value.
    #[schema(max_items = 10)]
    pub information: Vec<InformationItem>,
    /// The closing of the period; null while the period is open.
    #[schema(required)]
    pub closing: Option<Closing>,
}

/// The measured indicator.
#[derive(Clone, Debug, Serialize, ToSchema)]
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
#[derive(Clone, Debug, Serialize, ToSchema)]
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
#[derive(Clone, Debug, Serialize, ToSchema)]
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
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InformationItem {
    pub code: InformationCode,
    pub value: Decimal2,
}

/// The closing of a period: its time and its author.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PeriodClosing)]
pub struct Closing {
    pub closed_at: DateTime<Utc>,
    #[schema(max_length = 100)]
    pub closed_by: String,
}

/// The period and the district of a list of realisations.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RealisationFilter {
    /// `2025`, `2025-S1`, `2025-Q2` or `2025-06`.
    #[param(value_type = String, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", example = "2025-Q2")]
    pub period: Period,
    /// Absent: every district that the token allows.
    pub district_code: Option<DistrictCode>,
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
    /// Only for a single district.
    #[schema(max_items = 100)]
    pub objectives: Vec<ObjectiveAchievement>,
    /// The districts of the list that have no values, because no decree with indicators is in force in the year. On the first
    /// page only; of the whole regency at most 100, first those whose decree has ended.
    #[schema(max_items = 100)]
    pub not_in_force: Vec<DistrictNotInForce>,
}

/// A district without a decree with indicators in force in the year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DistrictNotInForce {
    pub district_code: DistrictCode,
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

/// The explanation of a value: the decree's words, our choices, and the counted facts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Explanation {
    pub realisation: Realisation,
    pub decree: DecreeText,
    /// The choices that the decree leaves open, as this service made them, in the caller's language.
    #[schema(max_items = 20)]
    pub choices: Vec<Choice>,
    pub inputs: Inputs,
    /// Records and obligations that contribute to the value.
    #[schema(minimum = 0, maximum = 9007199254740991_i64, example = 22)]
    pub contributing: u64,
    /// Records and obligations that were judged and do not contribute, deleted records among them.
    #[schema(minimum = 0, maximum = 9007199254740991_i64, example = 6)]
    pub excluded: u64,
    /// The list of all of them, with each verdict.
    #[schema(
        format = "uri-reference",
        max_length = 200,
        example = "/v1/indicators/paringin-iku-4/realisations/2025-Q2/explanation/records"
    )]
    pub records: String,
}

/// The decree's own words on the indicator, with its typing mistakes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DecreeText {
    #[schema(max_length = 200, example = "139/CPAR/2023")]
    pub number: String,
    #[schema(max_length = 2000)]
    pub title: String,
    #[schema(max_length = 2000)]
    pub objective: String,
    #[schema(max_length = 2000)]
    pub meaning: String,
    #[schema(max_length = 2000)]
    pub selection_reason: String,
    #[schema(max_length = 2000)]
    pub formula_text: String,
    #[schema(max_length = 2000)]
    pub reference: String,
}

/// A choice that the decree leaves open and the office has made.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ComputationChoice)]
pub struct Choice {
    #[schema(max_length = 64, example = "late_reports_count")]
    pub code: String,
    #[schema(
        max_length = 1000,
        example = "Laporan yang terlambat tetap dihitung; ketepatan waktu ditampilkan terpisah."
    )]
    pub text: String,
    /// The value by the other reading; null where the choice has no value of its own.
    #[schema(required)]
    pub other: Option<OtherReading>,
}

/// The value by the reading of the decree that was not chosen.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OtherReading)]
pub struct OtherReading {
    /// In the caller's language.
    #[schema(
        max_length = 500,
        example = "Desa yang menyampaikan semua laporannya / desa yang wajib x 100%"
    )]
    pub text: String,
    /// In the indicator's unit, rounded once, half up.
    pub value: Decimal2,
    /// As a reduced fraction (for a percentage: of the ratio).
    #[schema(max_length = 10000, example = "5/14")]
    pub exact: String,
}

/// A record or an obligation, and the verdict of the formula on it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JudgedRecord {
    /// Null for an obligation without a report.
    #[schema(required)]
    pub record: Option<RecordReference>,
    /// The obligation of a report; null for other records, and for a report that no obligation takes.
    #[schema(required)]
    pub obligation: Option<OwedReport>,
    /// The village to which it belongs on the last day of the period, or on the as-of day when that is earlier; null: it
    /// belongs to none, or the village is not known.
    #[schema(required)]
    pub village_code: Option<VillageCode>,
    pub verdict: VerdictCode,
    /// What it contributes: 1 of a count or of a numerator; of a survey its unrounded IKM, as a reduced fraction. Null: nothing.
    #[schema(required, max_length = 10000, example = "1/1")]
    pub amount: Option<String>,
    /// The reason why it does not contribute.
    #[schema(required)]
    pub reason: Option<Exclusion>,
    /// The reason in a sentence, in the caller's language.
    #[schema(required, max_length = 500, example = "Laporan dikembalikan ke desa.")]
    pub reason_text: Option<String>,
    /// The instant at which this version was recorded; of a survey, also that of its last answer.
    #[schema(required)]
    pub recorded_at: Option<DateTime<Utc>>,
}

/// The record that was judged.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordReference {
    #[serde(rename = "type")]
    pub record_type: RecordType,
    pub id: Uuid,
    /// The record; of a deleted record its versions.
    #[schema(
        format = "uri-reference",
        max_length = 200,
        example = "/v1/reports/0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e60"
    )]
    pub href: String,
    #[schema(minimum = 1, maximum = 2147483647, example = 1)]
    pub version: i32,
}

/// The kind of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = JudgedRecordType)]
pub enum RecordType {
    Survey,
    Institution,
    Case,
    Report,
}

impl RecordType {
    /// Returns the path of its records.
    pub const fn collection(self) -> &'static str {
        match self {
            Self::Survey => "/v1/surveys",
            Self::Institution => "/v1/institutions",
            Self::Case => "/v1/cases",
            Self::Report => "/v1/reports",
        }
    }
}

/// Whether a record contributes to the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = JudgedVerdict)]
pub enum VerdictCode {
    Contributing,
    Excluded,
}

/// A report that a desa owes in the year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwedReport {
    pub village_code: VillageCode,
    #[schema(example = "lppd")]
    pub kind: Slug,
    #[schema(minimum = 1999, maximum = 2101, example = 2024)]
    pub fiscal_year: i32,
    pub due_on: NaiveDate,
}

/// The gap between a realisation and a target.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RealisationGap)]
pub struct Gap {
    pub realisation: Realisation,
    pub target: Decimal2,
    /// Whether the unrounded value is at least the target; where lower is better, at most.
    pub reached: bool,
    /// Whether the `items` can bring the value to the target.
    pub reachable: bool,
    /// How many of the `items` must contribute; where lower is better, how many must no longer. More than there are: the target
    /// is out of reach, or of a count the others must be new. Null for an index, and where there is nothing to divide by.
    #[schema(required, minimum = 0, maximum = 9007199254740991_i64, example = 3)]
    pub needed: Option<u64>,
    /// Of an index: the mean that the surveys of the `items` need, rounded up to 2 decimals; where lower is better, the highest
    /// mean, rounded down.
    #[schema(required)]
    pub needed_mean: Option<Decimal2>,
    /// The mean before rounding, as a reduced fraction.
    #[schema(required, max_length = 10000, example = "250/3")]
    pub needed_mean_exact: Option<String>,
    /// In the caller's language.
    #[schema(max_length = 500, example = "3 dari 6 laporan yang belum disampaikan harus masuk.")]
    pub text: String,
    /// The records and obligations whose verdict can still change.
    #[schema(max_items = 100)]
    pub items: Vec<JudgedRecord>,
    #[schema(required, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// All rows of the list; only with `count=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 9007199254740991_i64)]
    pub total: Option<u64>,
}

impl Gap {
    pub fn new(
        realisation: Realisation,
        target: Hundredths,
        polarity: Polarity,
        gap: &formula::gap::Gap,
        text: String,
        page: Page<JudgedRecord>,
    ) -> Self {
        let (needed, mean) = match &gap.need {
            Need::Nothing => (Some(0), None),
            Need::Candidates(n) => (Some(*n), None),
            Need::Mean(mean) => (None, Some(mean)),
            Need::Unreachable(n) => (*n, None),
        };
        let hundredths = mean.map(|mean| mean.times(100));
        let rounded = hundredths.map(|mean| match polarity {
            Polarity::HigherIsBetter => mean.ceil(),
            Polarity::LowerIsBetter => mean.floor(),
        });
        Self {
            realisation,
            target: target.into(),
            reached: gap.need == Need::Nothing,
            reachable: !matches!(gap.need, Need::Unreachable(_)),
            needed,
            needed_mean: rounded.map(|mean| Hundredths(mean).into()),
            needed_mean_exact: mean.map(Exact::to_fraction_string),
            text,
            items: page.items,
            next_cursor: page.next_cursor,
            total: page.total,
        }
    }
}

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

/// The target of a gap.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GapTarget {
    /// In the unit of the indicator; at most 2 decimals.
    #[param(value_type = f64, minimum = 0, maximum = 1_000_000_000, multiple_of = 0.01, example = 90)]
    pub target: Decimal2,
}

/// The filters of the judged records.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JudgedRecordFilter {
    /// Only those that contribute, or only those that do not.
    pub verdict: Option<VerdictCode>,
    /// Only those that do not contribute for this reason.
    pub reason: Option<Exclusion>,
    pub village_code: Option<VillageCode>,
}

/// The counted facts; the lists of the other formulas are empty.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Inputs {
    #[schema(max_items = 10000)]
    pub surveys: Vec<SurveyCounted>,
    #[schema(max_items = 100000)]
    pub institutions: Vec<InstitutionsCounted>,
    #[schema(max_items = 100000)]
    pub cases: Vec<CasesCounted>,
    #[schema(max_items = 100000)]
    pub obligations: Vec<ObligationCounted>,
}

/// A survey that belongs to the window.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SurveyCounted {
    pub survey_id: Uuid,
    pub ends_on: NaiveDate,
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub respondents: u64,
    /// Null when it has no index.
    #[schema(required)]
    pub ikm: Option<Decimal2>,
    #[schema(required, max_length = 10000, example = "226675/2646")]
    pub exact: Option<String>,
    /// Answers that were voided. They do not count.
    #[schema(minimum = 0, maximum = 9007199254740991_i64, example = 0)]
    pub voided: u64,
    /// Answers that wait for an officer's decision. They do not count.
    #[schema(minimum = 0, maximum = 9007199254740991_i64, example = 0)]
    pub held: u64,
    /// The reason why it has no index and is not in the mean.
    #[schema(required)]
    pub reason: Option<Reason>,
    #[schema(max_items = 9)]
    pub elements: Vec<ElementCounted>,
}

/// The answers to one active element.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ElementCounted {
    #[schema(max_length = 20, example = "persyaratan")]
    pub code: String,
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub answers: u64,
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub sum: u64,
    #[schema(required)]
    pub nrr: Option<Decimal3>,
}

/// Institutions of a kind in a village.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InstitutionsCounted {
    pub village_code: VillageCode,
    /// Its name on the last day of the period, or on the as-of day when that is earlier.
    #[schema(required, max_length = 200, example = "Balang")]
    pub village_name: Option<String>,
    #[schema(example = "rt")]
    pub kind: Slug,
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub registered: u64,
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub active: u64,
}

/// Cases of a category in a village.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CasesCounted {
    /// Null: the village is not known.
    #[schema(required)]
    pub village_code: Option<VillageCode>,
    /// Its name on the last day of the period, or on the as-of day when that is earlier.
    #[schema(required, max_length = 200, example = "Balang")]
    pub village_name: Option<String>,
    #[schema(example = "jalan")]
    pub category: Slug,
    /// Occurred in the window and not rejected.
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub occurred: u64,
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub handled: u64,
}

/// One report that a desa owes in the year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ObligationCounted {
    pub village_code: VillageCode,
    /// Its name on the last day of the period, or on the as-of day when that is earlier.
    #[schema(required, max_length = 200, example = "Balang")]
    pub village_name: Option<String>,
    #[schema(example = "lppd")]
    pub kind: Slug,
    #[schema(minimum = 1999, maximum = 2101, example = 2024)]
    pub fiscal_year: i32,
    pub due_on: NaiveDate,
    pub state: Punctuality,
    #[schema(required)]
    pub report_id: Option<Uuid>,
    #[schema(required)]
    pub delivered_on: Option<NaiveDate>,
}
