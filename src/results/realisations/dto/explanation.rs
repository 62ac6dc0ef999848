//! The explanation of a value: the decree's words, our choices, and the counts.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Realisation;
use crate::core::formula::Reason;
use crate::core::obligation::Punctuality;
use crate::platform::decimal_json::{Decimal2, Decimal3};
use crate::platform::http::{Slug, VillageCode};

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
