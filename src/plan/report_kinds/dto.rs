//! Report kinds in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::openapi::schema::ObjectBuilder;
use utoipa::{IntoParams, ToSchema};

use ::entity::report_kind;

use crate::core::obligation::ReportGroup;
use crate::plan::by_year::from_year;
use crate::platform::db::Versioned;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{Deletion, ETag, Page, PatchOf, Patchable, RecordState, Resource, Slug, Version, Warning};

/// A report kind to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "code": "dd-tahap2", "group": "finance", "name": "Laporan realisasi Dana Desa tahap II", "due_month": 11,
    "due_day": 30, "fiscal_year_offset": 0, "valid_from_year": 2027,
    "legal_basis": "Peraturan Menteri Keuangan tentang Dana Desa", "confirmed": false, "reason": "Aturan baru",
}))]
pub struct NewReportKind {
    pub code: Slug,
    /// The first year that this wording governs; absent: `valid_from_year`, or every year if that is absent too.
    #[schema(minimum = 2000, maximum = 2100, example = 2027)]
    pub from_year: Option<i32>,
    /// The indicator in which it counts: `administration` for IKU 4, `finance` for IKU 5.
    pub group: ReportGroup,
    #[schema(min_length = 1, max_length = 200, example = "Laporan realisasi Dana Desa tahap II")]
    pub name: String,
    #[schema(minimum = 1, maximum = 12, example = 11)]
    pub due_month: i32,
    /// A day past the end of the month means its last day: 31 is the last day of every month.
    #[schema(minimum = 1, maximum = 31, example = 30)]
    pub due_day: i32,
    /// The fiscal year of the report: 0 for the year in which it falls due, -1 for the year before.
    #[schema(minimum = -1, maximum = 0, example = 0)]
    pub fiscal_year_offset: i32,
    /// The first year in which it falls due; absent: no beginning.
    #[schema(minimum = 2000, maximum = 2100, example = 2027)]
    pub valid_from_year: Option<i32>,
    /// The last year in which it falls due; absent: no end.
    #[schema(minimum = 2000, maximum = 2100, example = 2030)]
    pub valid_to_year: Option<i32>,
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "Peraturan Menteri Keuangan tentang Dana Desa"
    )]
    pub legal_basis: String,
    /// Whether the decree or the kecamatan has confirmed that it counts.
    pub confirmed: bool,
    /// Required if the first year is over: why; stored with the version.
    #[schema(write_only, min_length = 1, max_length = 300)]
    pub reason: Option<String>,
}

/// A report that every desa owes once a year, in the wording that governs from `from_year` on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportKind {
    pub code: Slug,
    /// The first year that this wording governs.
    #[schema(minimum = 2000, maximum = 2100, example = 2020)]
    pub from_year: i32,
    pub group: ReportGroup,
    #[schema(min_length = 1, max_length = 200, example = "Laporan Kinerja BPD")]
    pub name: String,
    #[schema(minimum = 1, maximum = 12, example = 4)]
    pub due_month: i32,
    /// A day past the end of the month means its last day.
    #[schema(minimum = 1, maximum = 31, example = 30)]
    pub due_day: i32,
    /// The fiscal year of the report: 0 for the year in which it falls due, -1 for the year before.
    #[schema(minimum = -1, maximum = 0, example = -1)]
    pub fiscal_year_offset: i32,
    /// The first year in which it falls due; null: no beginning.
    #[schema(required, minimum = 2000, maximum = 2100)]
    pub valid_from_year: Option<i32>,
    /// The last year in which it falls due; null: no end.
    #[schema(required, minimum = 2000, maximum = 2100)]
    pub valid_to_year: Option<i32>,
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "Peraturan Menteri Dalam Negeri Nomor 110 Tahun 2016"
    )]
    pub legal_basis: String,
    /// Whether the decree or the kecamatan says that it counts; false: the service has chosen it.
    pub confirmed: bool,
    /// The instant at which this version was recorded; 1970-01-01 for data that comes with the service.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "iku")]
    pub recorded_by: String,
    /// Only of a deleted report kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
    /// Only in the response to a change.
    #[schema(value_type = Option<Vec<Warning>>, max_items = 10)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

pub type ReportKindPatch = PatchOf<NewReportKind>;
pub type ReportKindPage = Page<ReportKind>;
pub type ReportKindVersion = Version<ReportKind>;
pub type ReportKindVersionPage = Page<ReportKindVersion>;

/// Filters and order of a list of report kinds.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportKindFilter {
    pub group: Option<ReportGroup>,
    /// Only kinds owed in this year, in the wording that governs it. Default: the current year (WITA).
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// Whether the decree or the kecamatan says that it counts.
    pub confirmed: Option<bool>,
    /// The user or client that recorded the current version.
    #[param(min_length = 1, max_length = 100)]
    pub recorded_by: Option<String>,
    /// Recorded (with `state=deleted`: deleted) at this instant or later.
    pub changed_since: Option<DateTime<Utc>>,
    /// Default: `current`. Deleted kinds are listed without regard to the years in which they were owed.
    #[param(inline)]
    pub state: Option<RecordState>,
}

/// The year whose wording is requested.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportKindYear {
    /// The wording that governs this year. Default: the current year (WITA), or the first year if all wordings begin later.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
}

impl Resource for ReportKind {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/report-kinds/{}", self.code)
    }
}

impl Patchable for NewReportKind {
    const FIXED: &'static [&'static str] = &["code", "reason"];

    fn example() -> Value {
        json!({"from_year": 2027, "due_month": 3, "due_day": 15, "reason": "PP 16/2026"})
    }

    fn adapt(patch: ObjectBuilder) -> ObjectBuilder {
        patch.property("from_year", from_year(2027)).required("from_year")
    }
}

impl TryFrom<report_kind::Model> for ReportKind {
    type Error = Error;

    fn try_from(row: report_kind::Model) -> Result<Self, Error> {
        let deletion = Deletion::of(report_kind::Entity::version_info(&row));
        let report_kind::Model {
            code,
            from_year,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            group_code,
            name,
            due_month,
            due_day,
            fiscal_year_offset,
            valid_from_year,
            valid_to_year,
            legal_basis,
            confirmed,
        } = row;
        Ok(Self {
            code: Slug::try_from(code).or_internal()?,
            from_year,
            group: group_code.parse()?,
            name,
            due_month,
            due_day,
            fiscal_year_offset,
            valid_from_year,
            valid_to_year,
            legal_basis,
            confirmed,
            recorded_at,
            recorded_by,
            deletion,
            warnings: Vec::new(),
        })
    }
}

impl ReportKind {
    /// Returns the form to which a patch is applied: the content of a request that would create this kind.
    pub fn as_new(&self) -> NewReportKind {
        NewReportKind {
            code: self.code.clone(),
            from_year: Some(self.from_year),
            group: self.group,
            name: self.name.clone(),
            due_month: self.due_month,
            due_day: self.due_day,
            fiscal_year_offset: self.fiscal_year_offset,
            valid_from_year: self.valid_from_year,
            valid_to_year: self.valid_to_year,
            legal_basis: self.legal_basis.clone(),
            confirmed: self.confirmed,
            reason: None,
        }
    }
}
