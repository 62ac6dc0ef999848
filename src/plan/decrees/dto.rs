//! Decrees as they come in and go out.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::{decree, indicator};

use crate::core::formula::Unit;
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, Page, Slug};

/// One of the legal bases ("Mengingat"), in the decree's words.
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
}))]
pub struct NewDecree {
    /// Made by the caller, so that sending it again is safe; absent: made here.
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
    /// Mengingat, in the decree's order.
    #[schema(max_items = 100)]
    pub legal_bases: Vec<LegalBasis>,
}

/// What of a decree can be corrected (JSON Merge Patch; `legal_bases` is replaced as a whole).
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"number": "12/CPAR/2027", "reason": "Nomor salah ketik"}))]
pub struct DecreePatch {
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub number: Option<String>,
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub title: Option<String>,
    #[schema(nullable = false)]
    pub issued_on: Option<NaiveDate>,
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub goal: Option<String>,
    #[schema(nullable = false, minimum = 2000, maximum = 2100)]
    pub first_year: Option<i32>,
    #[schema(nullable = false, minimum = 2000, maximum = 2100)]
    pub last_year: Option<i32>,
    #[schema(nullable = false, max_items = 100)]
    pub legal_bases: Option<Vec<LegalBasis>>,
    /// Why the correction is made; kept with the new version.
    #[schema(write_only, min_length = 1, max_length = 300)]
    pub reason: Option<String>,
}

/// A decree and the indicators it sets.
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
    /// Mengingat, in the decree's order.
    #[schema(max_items = 100)]
    pub legal_bases: Vec<LegalBasis>,
    /// Its indicators, by number; each in its latest wording.
    #[schema(max_items = 1000)]
    pub indicators: Vec<DecreeIndicator>,
    /// When this version of the decree was recorded; shipped data carries 1970-01-01.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded this version.
    #[schema(max_length = 100, example = "iku")]
    pub recorded_by: String,
    /// The newest change of the decree or of one of its indicators: what its ETag is made of.
    #[serde(skip)]
    pub changed_at: DateTime<Utc>,
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
    /// The first year this wording governs.
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

pub type DecreePage = Page<Decree>;

/// Which decrees a list has.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DecreeFilter {
    pub district: Option<DistrictCode>,
    /// In force in this year.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
    /// Default: `first_year`.
    #[param(inline)]
    pub sort: Option<DecreeSort>,
}

/// `-` in front: the other way round.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub enum DecreeSort {
    #[default]
    #[serde(rename = "first_year")]
    FirstYear,
    #[serde(rename = "-first_year")]
    FirstYearDescending,
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
            code: Slug::try_from(code).map_err(Error::internal)?,
            from_year,
            number,
            objective,
            name,
            unit: unit.parse()?,
        })
    }
}

impl Decree {
    /// The decree with its indicators at an instant (`None`: now); `rows` are all versions of all rows that name it.
    pub fn new(row: decree::Model, rows: Vec<indicator::Model>, at: Option<DateTime<Utc>>) -> Result<Self, Error> {
        let decree::Model {
            id,
            version: _,
            recorded_at,
            recorded_by,
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
        // An indicator that left for another decree changes this one too: its row here was superseded.
        let changes = rows.iter().flat_map(|r| [Some(r.recorded_at), r.superseded_at]);
        let changed_at = changes.flatten().chain([recorded_at]).max().unwrap_or(recorded_at);
        Ok(Self {
            id,
            district_code: DistrictCode::try_from(district_code).map_err(Error::internal)?,
            number,
            title,
            issued_on,
            goal,
            first_year,
            last_year,
            legal_bases: serde_json::from_str(&legal_bases).map_err(Error::internal)?,
            indicators: latest_wordings(rows, at)?,
            recorded_at,
            recorded_by,
            changed_at,
        })
    }

    /// The form in which this decree could have been recorded: what a patch is applied to.
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
        }
    }
}

/// Of each code the row that begins last, by number.
fn latest_wordings(rows: Vec<indicator::Model>, at: Option<DateTime<Utc>>) -> Result<Vec<DecreeIndicator>, Error> {
    let known = |r: &indicator::Model| match at {
        None => r.superseded_at.is_none(),
        Some(at) => r.recorded_at <= at && r.superseded_at.is_none_or(|until| at < until),
    };
    let mut latest: BTreeMap<String, indicator::Model> = BTreeMap::new();
    for row in rows.into_iter().filter(known) {
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
