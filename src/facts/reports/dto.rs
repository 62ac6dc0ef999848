//! Reports in requests and responses.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::report;

use crate::core::obligation::ReportStatus;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{DistrictCode, ETag, Page, PatchOf, Patchable, Resource, Slug, Version, VillageCode};

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
    /// When this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded this version.
    #[schema(max_length = 100, example = "kasi.pemerintahan")]
    pub recorded_by: String,
}

pub type ReportPatch = PatchOf<NewReport>;
pub type ReportPage = Page<Report>;
pub type ReportVersion = Version<Report>;
pub type ReportVersionPage = Page<ReportVersion>;

/// Filters and order of a list of reports.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportFilter {
    pub district: Option<DistrictCode>,
    pub village: Option<VillageCode>,
    /// Code of the report kind.
    #[param(example = "lppd")]
    pub kind: Option<Slug>,
    /// The fiscal year of the report.
    #[param(minimum = 2000, maximum = 2100, example = 2024)]
    pub fiscal_year: Option<i32>,
    pub status: Option<ReportStatus>,
    /// Delivered on this day or later.
    pub delivered_from: Option<NaiveDate>,
    /// Delivered on this day or earlier.
    pub delivered_to: Option<NaiveDate>,
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
        } = row;
        Ok(Self {
            id,
            village_code: VillageCode::try_from(village_code).or_internal()?,
            kind: Slug::try_from(kind).or_internal()?,
            fiscal_year,
            delivered_on,
            status: status.parse()?,
            note,
            recorded_at,
            recorded_by,
        })
    }
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
