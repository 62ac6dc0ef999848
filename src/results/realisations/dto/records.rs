//! The records behind a value.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::core::formula::Exclusion;
use crate::platform::http::{Slug, VillageCode};

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
