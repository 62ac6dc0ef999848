//! Decrees in requests and responses.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::{decree, indicator};

use crate::core::formula::Unit;
use crate::platform::db::Versioned;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{
    Deletion, DistrictCode, ETag, Page, PatchOf, Patchable, RecordState, Resource, Slug, Version, Warning,
};

/// A legal basis ("Mengingat") in the words of the decree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 2000, example = "Undang-Undang Nomor 23 Tahun 2014 tentang Pemerintahan Daerah")]
pub struct LegalBasis(String);

/// A decree to record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "district_code": "63.11.06", "number": "12/CPAR/2027",
    "title": "Indikator Kinerja Utama (IKU) Kecamatan Paringin Kabupaten Balangan Tahun 2027-2030",
    "issued_on": "2027-01-04", "goal": "Terwujudnya Tata Kelola Pemerintah Kecamatan yang Baik",
    "first_year": 2027, "last_year": 2030,
    "legal_bases": ["Undang-Undang Nomor 23 Tahun 2014 tentang Pemerintahan Daerah"],
    "copy_of": "7093d703-b7e6-4f9e-9448-cdcb9994e3b1", "reason": "Keputusan berikutnya",
}))]
pub struct NewDecree {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    pub district_code: DistrictCode,
    #[schema(min_length = 1, max_length = 200, example = "12/CPAR/2027")]
    pub number: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub title: String,
    #[schema(example = "2027-01-04")]
    pub issued_on: NaiveDate,
    /// Tujuan.
    #[schema(min_length = 1, max_length = 2000)]
    pub goal: String,
    /// The first year in which its indicators are in force.
    #[schema(minimum = 2000, maximum = 2100, example = 2027)]
    pub first_year: i32,
    /// The last year in which its indicators are in force.
    #[schema(minimum = 2000, maximum = 2100, example = 2030)]
    pub last_year: i32,
    /// Mengingat, in the order of the decree.
    #[schema(max_items = 100)]
    pub legal_bases: Vec<LegalBasis>,
    /// A decree of the district whose indicators this one continues: each gets the same code, number and words from
    /// `first_year` on. Targets are not copied: they come from the agreement of each year.
    pub copy_of: Option<Uuid>,
    /// Required with `copy_of` if the first year is over: why; stored with the version.
    #[schema(write_only, min_length = 1, max_length = 300)]
    pub reason: Option<String>,
}

/// A recorded decree and the indicators that it sets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Decree {
    pub id: Uuid,
    pub district_code: DistrictCode,
    #[schema(min_length = 1, max_length = 200, example = "139/CPAR/2023")]
    pub number: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub title: String,
    #[schema(example = "2023-10-02")]
    pub issued_on: NaiveDate,
    /// Tujuan.
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "Terwujudnya Tata Kelola Pemerintah Kecamatan yang Baik"
    )]
    pub goal: String,
    /// The first year in which its indicators are in force.
    #[schema(minimum = 2000, maximum = 2100, example = 2023)]
    pub first_year: i32,
    /// The last year in which its indicators are in force.
    #[schema(minimum = 2000, maximum = 2100, example = 2026)]
    pub last_year: i32,
    /// Mengingat, in the order of the decree.
    #[schema(max_items = 100)]
    pub legal_bases: Vec<LegalBasis>,
    /// The indicators by number, each in its latest wording.
    #[schema(max_items = 1000)]
    pub indicators: Vec<DecreeIndicator>,
    /// The instant at which this version of the decree was recorded; 1970-01-01 for data that comes with the service.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "iku")]
    pub recorded_by: String,
    /// Only of a deleted decree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
    /// Only in the response to a change.
    #[schema(value_type = Option<Vec<Warning>>, max_items = 10)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// The latest change of the decree or of one of its indicators; it makes the ETag.
    #[serde(skip)]
    pub changed_at: DateTime<Utc>,
}

/// A decree as a version has it, without its indicators, which have versions of their own.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DecreeContent {
    pub id: Uuid,
    pub district_code: DistrictCode,
    #[schema(max_length = 200, example = "139/CPAR/2023")]
    pub number: String,
    #[schema(max_length = 2000)]
    pub title: String,
    #[schema(example = "2023-10-02")]
    pub issued_on: NaiveDate,
    #[schema(max_length = 2000)]
    pub goal: String,
    #[schema(minimum = 2000, maximum = 2100, example = 2023)]
    pub first_year: i32,
    #[schema(minimum = 2000, maximum = 2100, example = 2026)]
    pub last_year: i32,
    #[schema(max_items = 100)]
    pub legal_bases: Vec<LegalBasis>,
}

/// An indicator as its decree lists it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "paringin-iku-2", "from_year": 2023, "number": 2,
    "objective": "Meningkatnya Fasilitasi Pemberdayaan Masyarakat",
    "name": "Jumlah Lembaga Kemasyarakan Desa (LKD) yang Aktif", "unit": "count",
}))]
pub struct DecreeIndicator {
    pub code: Slug,
    /// The first year that this wording governs.
    #[schema(minimum = 2000, maximum = 2100, example = 2023)]
    pub from_year: i32,
    #[schema(minimum = 1, maximum = 1000, example = 2)]
    pub number: i32,
    /// Sasaran strategis.
    #[schema(min_length = 1, max_length = 2000)]
    pub objective: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub name: String,
    pub unit: Unit,
}

pub type DecreePatch = PatchOf<NewDecree>;
pub type DecreePage = Page<Decree>;
pub type DecreeVersion = Version<DecreeContent>;
pub type DecreeVersionPage = Page<DecreeVersion>;

/// Filters and order of a list of decrees.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DecreeFilter {
    pub district_code: Option<DistrictCode>,
    /// In force in this year.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// The user or client that recorded the current version.
    #[param(min_length = 1, max_length = 100)]
    pub recorded_by: Option<String>,
    /// The decree or one of its indicators was recorded (with `state=deleted`: deleted) at this instant or later.
    pub changed_since: Option<DateTime<Utc>>,
    /// Default: `current`.
    #[param(inline)]
    pub state: Option<RecordState>,
    /// Default: `first_year`.
    #[param(inline)]
    pub sort: Option<DecreeSort>,
}

/// The order of a list; `-` in front reverses it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub enum DecreeSort {
    #[default]
    #[serde(rename = "first_year")]
    FirstYear,
    #[serde(rename = "-first_year")]
    FirstYearDescending,
}

impl Resource for Decree {
    fn etag(&self) -> ETag {
        ETag::at(self.changed_at)
    }

    fn location(&self) -> String {
        format!("/v1/decrees/{}", self.id)
    }
}

impl Patchable for NewDecree {
    const FIXED: &'static [&'static str] = &["id", "district_code", "copy_of", "reason"];

    fn example() -> Value {
        json!({"number": "12/CPAR/2027", "reason": "Nomor salah ketik"})
    }
}

impl TryFrom<indicator::Model> for DecreeIndicator {
    type Error = Error;

    fn try_from(row: indicator::Model) -> Result<Self, Error> {
        let indicator::Model {
            code,
            from_year,
            number,
            objective,
            name,
            unit,
            ..
        } = row;
        Ok(Self {
            code: Slug::try_from(code).or_internal()?,
            from_year,
            number,
            objective,
            name,
            unit: unit.parse()?,
        })
    }
}

impl TryFrom<decree::Model> for DecreeContent {
    type Error = Error;

    fn try_from(row: decree::Model) -> Result<Self, Error> {
        let decree::Model {
            id,
            version: _,
            recorded_at: _,
            recorded_by: _,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code,
            number,
            title,
            issued_on,
            goal,
            first_year,
            last_year,
            legal_bases,
        } = row;
        Ok(Self {
            id,
            district_code: DistrictCode::try_from(district_code).or_internal()?,
            number,
            title,
            issued_on,
            goal,
            first_year,
            last_year,
            legal_bases: serde_json::from_str(&legal_bases).or_internal()?,
        })
    }
}

impl Decree {
    /// Returns the decree with these indicators. `changed_at`: the latest change of any of its indicators, if any.
    pub fn new(
        row: decree::Model,
        indicators: Vec<indicator::Model>,
        changed_at: Option<DateTime<Utc>>,
    ) -> Result<Self, Error> {
        let (recorded_at, recorded_by) = (row.recorded_at, row.recorded_by.clone());
        let deletion = Deletion::of(decree::Entity::version_info(&row));
        let DecreeContent {
            id,
            district_code,
            number,
            title,
            issued_on,
            goal,
            first_year,
            last_year,
            legal_bases,
        } = row.try_into()?;
        Ok(Self {
            id,
            district_code,
            number,
            title,
            issued_on,
            goal,
            first_year,
            last_year,
            legal_bases,
            indicators: latest_wordings(indicators)?,
            recorded_at,
            recorded_by,
            deletion,
            warnings: Vec::new(),
            changed_at: changed_at.map_or(recorded_at, |at| at.max(recorded_at)),
        })
    }

    /// Returns the form to which a patch is applied: the content of a request that would create this decree.
    pub fn as_new(&self) -> NewDecree {
        NewDecree {
            id: None,
            district_code: self.district_code.clone(),
            number: self.number.clone(),
            title: self.title.clone(),
            issued_on: self.issued_on,
            goal: self.goal.clone(),
            first_year: self.first_year,
            last_year: self.last_year,
            legal_bases: self.legal_bases.clone(),
            copy_of: None,
            reason: None,
        }
    }
}

/// Returns the row of each code that begins last, by number.
fn latest_wordings(rows: Vec<indicator::Model>) -> Result<Vec<DecreeIndicator>, Error> {
    let mut latest: BTreeMap<String, indicator::Model> = BTreeMap::new();
    for row in rows {
        match latest.get(&row.code) {
            Some(other) if other.from_year > row.from_year => {}
            _ => {
                latest.insert(row.code.clone(), row);
            }
        }
    }
    let mut indicators = latest
        .into_values()
        .map(DecreeIndicator::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    indicators.sort_by_key(|i| i.number);
    Ok(indicators)
}
