//! Reports in requests and responses.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::report::{self, Entity as Reports};

use crate::core::obligation::{ReportFlag, ReportGroup, ReportStatus};
use crate::platform::db::Versioned;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{
    Deletion, DistrictCode, ETag, Page, PatchOf, Patchable, RecordState, Resource, Slug, Version, VillageCode,
};

/// A report to record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"village_code": "63.11.06.2005", "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"}))]
pub struct NewReport {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    pub village_code: VillageCode,
    /// Code of the report kind.
    #[schema(example = "lppd")]
    pub kind: Slug,
    /// The fiscal year of the report.
    #[schema(minimum = 2000, maximum = 2100, example = 2024)]
    pub fiscal_year: i32,
    /// The date (WITA) on which the kecamatan received the report; not in the future.
    #[schema(example = "2025-03-14")]
    pub delivered_on: NaiveDate,
    #[serde(default = "received")]
    #[schema(default = "received")]
    pub status: ReportStatus,
    #[schema(min_length = 1, max_length = 2000, example = "Diterima lengkap")]
    pub note: Option<String>,
}

fn received() -> ReportStatus {
    ReportStatus::Received
}

/// A recorded report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Report {
    pub id: Uuid,
    pub village_code: VillageCode,
    pub kind: Slug,
    #[schema(minimum = 2000, maximum = 2100, example = 2024)]
    pub fiscal_year: i32,
    #[schema(example = "2025-03-14")]
    pub delivered_on: NaiveDate,
    pub status: ReportStatus,
    #[schema(required, max_length = 2000, example = "Diterima lengkap")]
    pub note: Option<String>,
    /// What is implausible in it. It counts nevertheless, until somebody corrects it.
    #[schema(max_items = 2)]
    pub flags: Vec<ReportFlag>,
    /// The instant at which this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "kasi.pemerintahan")]
    pub recorded_by: String,
    /// Only of a deleted report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
}

pub type ReportPatch = PatchOf<NewReport>;
pub type ReportPage = Page<Report>;
pub type ReportVersion = Version<Report>;
pub type ReportVersionPage = Page<ReportVersion>;

/// Filters and order of a list of reports.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportFilter {
    pub district_code: Option<DistrictCode>,
    pub village_code: Option<VillageCode>,
    /// Code of the report kind.
    #[param(example = "lppd")]
    pub kind: Option<Slug>,
    /// Only the kinds of IKU 4 (`administration`) or IKU 5 (`finance`), as they are today.
    #[param(inline)]
    pub group: Option<ReportGroup>,
    /// The fiscal year of the report.
    #[param(minimum = 2000, maximum = 2100, example = 2024)]
    pub fiscal_year: Option<i32>,
    pub status: Option<ReportStatus>,
    /// Fell due on this day or later.
    pub due_from: Option<NaiveDate>,
    /// Fell due on this day or earlier.
    pub due_to: Option<NaiveDate>,
    /// The user or client that recorded the current version.
    #[param(min_length = 1, max_length = 100, example = "kasi.pemerintahan")]
    pub recorded_by: Option<String>,
    /// Recorded or changed at this instant or later.
    pub changed_since: Option<DateTime<Utc>>,
    /// Whether something in it is implausible (`flags`).
    pub flagged: Option<bool>,
    /// Delivered on this day or later.
    pub delivered_from: Option<NaiveDate>,
    /// Delivered on this day or earlier.
    pub delivered_to: Option<NaiveDate>,
    /// Default: `current`.
    #[param(inline)]
    pub state: Option<RecordState>,
    /// Default: `village_code`.
    #[param(inline)]
    pub sort: Option<ReportSort>,
}

/// The order of a list; `-` in front reverses it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub enum ReportSort {
    #[default]
    #[serde(rename = "village_code")]
    VillageCode,
    #[serde(rename = "delivered_on")]
    DeliveredOn,
    #[serde(rename = "-delivered_on")]
    DeliveredOnDescending,
}

impl Resource for Report {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/reports/{}", self.id)
    }
}

impl Patchable for NewReport {
    const FIXED: &'static [&'static str] = &["id"];

    fn example() -> Value {
        json!({"status": "accepted", "reason": "Sudah diperiksa"})
    }
}

impl TryFrom<report::Model> for Report {
    type Error = Error;

    fn try_from(row: report::Model) -> Result<Self, Error> {
        let deletion = Deletion::of(Reports::version_info(&row));
        let report::Model {
            id,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code: _,
            village_code,
            kind,
            fiscal_year,
            delivered_on,
            status,
            note,
            flags,
        } = row;
        Ok(Self {
            id,
            village_code: VillageCode::try_from(village_code).or_internal()?,
            kind: Slug::try_from(kind).or_internal()?,
            fiscal_year,
            delivered_on,
            status: status.parse()?,
            note,
            flags: flags_of(&flags)?,
            recorded_at,
            recorded_by,
            deletion,
        })
    }
}

fn flags_of(text: &str) -> Result<Vec<ReportFlag>, Error> {
    let words = text.split(',').filter(|word| !word.is_empty());
    words.map(|word| Ok(word.parse()?)).collect()
}

impl Report {
    /// Returns the form to which a patch is applied: the content of a request that would create this report.
    pub fn as_new(&self) -> NewReport {
        NewReport {
            id: None,
            village_code: self.village_code.clone(),
            kind: self.kind.clone(),
            fiscal_year: self.fiscal_year,
            delivered_on: self.delivered_on,
            status: self.status,
            note: self.note.clone(),
        }
    }
}
