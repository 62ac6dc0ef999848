//! Villages in requests and responses.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use ::entity::village;

use crate::core::place::VillageKind;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{DistrictCode, ETag, Page, PatchOf, Patchable, Resource, VillageCode};

/// A village to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"code": "63.11.06.2099", "district_code": "63.11.06", "kind": "desa", "name": "Balang Baru", "valid_from": "2027-01-01"}))]
pub struct NewVillage {
    /// Given by Kemendagri; begins with the code of the district.
    pub code: VillageCode,
    pub district_code: DistrictCode,
    pub kind: VillageKind,
    #[schema(min_length = 1, max_length = 200, example = "Balang")]
    pub name: String,
    /// The first day on which it exists; absent: it has always existed.
    #[schema(example = "2027-01-01")]
    pub valid_from: Option<NaiveDate>,
    /// The last day on which it exists; absent: no end is known.
    #[schema(example = "2030-12-31")]
    pub valid_to: Option<NaiveDate>,
}

/// A desa or kelurahan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Village {
    pub code: VillageCode,
    pub district_code: DistrictCode,
    pub kind: VillageKind,
    #[schema(min_length = 1, max_length = 200, example = "Balang")]
    pub name: String,
    /// The first day on which it exists; null: it has always existed.
    #[schema(required, example = "2027-01-01")]
    pub valid_from: Option<NaiveDate>,
    /// The last day on which it exists; null: no end is known.
    #[schema(required, example = "2030-12-31")]
    pub valid_to: Option<NaiveDate>,
    /// When this version was recorded; 1970-01-01 for data that comes with the service.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded this version.
    #[schema(max_length = 100, example = "iku")]
    pub recorded_by: String,
}

pub type VillagePatch = PatchOf<NewVillage>;
pub type VillagePage = Page<Village>;

/// Filters and order of a list of villages.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VillageFilter {
    pub district: Option<DistrictCode>,
    pub kind: Option<VillageKind>,
    /// Exists on this day (WITA).
    #[param(example = "2025-06-30")]
    pub valid_on: Option<NaiveDate>,
    /// Default: `code`.
    #[param(inline)]
    pub sort: Option<VillageSort>,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VillageSort {
    #[default]
    Code,
    Name,
}

impl Resource for Village {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/villages/{}", self.code)
    }
}

impl Patchable for NewVillage {
    const FIXED: &'static [&'static str] = &["code", "district_code"];

    fn example() -> Value {
        json!({"name": "Balang", "reason": "Ejaan menurut Perda"})
    }
}

impl TryFrom<village::Model> for Village {
    type Error = Error;

    fn try_from(row: village::Model) -> Result<Self, Error> {
        let village::Model {
            code,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code,
            kind,
            name,
            valid_from,
            valid_to,
        } = row;
        Ok(Self {
            code: VillageCode::try_from(code).or_internal()?,
            district_code: DistrictCode::try_from(district_code).or_internal()?,
            kind: kind.parse()?,
            name,
            valid_from,
            valid_to,
            recorded_at,
            recorded_by,
        })
    }
}

impl Village {
    /// Returns the form to which a patch is applied: the content of a request that would create this village.
    pub fn as_new(&self) -> NewVillage {
        NewVillage {
            code: self.code.clone(),
            district_code: self.district_code.clone(),
            kind: self.kind,
            name: self.name.clone(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}
