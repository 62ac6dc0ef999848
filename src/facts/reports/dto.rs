//! Reports as they come in and go out.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::report;

use crate::core::obligation::ReportStatus;
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, Page, Slug, Version, VillageCode};

/// A report to record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"village_code": "63.11.06.2005", "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"}))]
pub struct NewReport {
    /// Made by the caller, so that sending it again is safe; absent: made here.
    pub id: Option<Uuid>,
    pub village_code: VillageCode,
    /// Code of the report kind.
    #[schema(example = "lppd")]
    pub kind: Slug,
    /// The year the report is about.
    #[schema(minimum = 2000, maximum = 2100, example = 2024)]
    pub fiscal_year: i32,
    /// WITA date on which the kecamatan received it; not in the future.
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

/// What of a report can be corrected (JSON Merge Patch: null removes).
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"status": "accepted", "reason": "Sudah diperiksa"}))]
pub struct ReportPatch {
    #[schema(nullable = false)]
    pub village_code: Option<VillageCode>,
    #[schema(nullable = false)]
    pub kind: Option<Slug>,
    #[schema(nullable = false, minimum = 2000, maximum = 2100)]
    pub fiscal_year: Option<i32>,
    #[schema(nullable = false)]
    pub delivered_on: Option<NaiveDate>,
    #[schema(nullable = false)]
    pub status: Option<ReportStatus>,
    #[schema(min_length = 1, max_length = 2000)]
    pub note: Option<String>,
    /// Why the correction is made; kept with the new version.
    #[schema(write_only, min_length = 1, max_length = 300)]
    pub reason: Option<String>,
}

/// A report as recorded.
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

pub type ReportPage = Page<Report>;
pub type ReportVersion = Version<Report>;
pub type ReportVersionPage = Page<ReportVersion>;

/// Which reports a list has.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportFilter {
    pub district: Option<DistrictCode>,
    pub village: Option<VillageCode>,
    /// Code of the report kind.
    #[param(example = "lppd")]
    pub kind: Option<Slug>,
    /// The fiscal year that the report is about.
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

/// `-` in front: the other way round.
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
            village_code: VillageCode::try_from(village_code).map_err(Error::internal)?,
            kind: Slug::try_from(kind).map_err(Error::internal)?,
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
    /// The form in which this report could have been created: what a patch is applied to.
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
