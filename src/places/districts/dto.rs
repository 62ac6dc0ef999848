//! Districts in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use ::entity::{district, record_start};

use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{DistrictCode, ETag, Page, Resource, Version, Warning};

/// A kecamatan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct District {
    pub code: DistrictCode,
    #[schema(min_length = 1, max_length = 200, example = "Paringin")]
    pub name: String,
    pub records_from: RecordsFrom,
    /// The instant at which this version was recorded; 1970-01-01 for data that comes with the service.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "iku")]
    pub recorded_by: String,
    /// Only in the response to a change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<Warning>>, nullable = false, max_items = 10)]
    pub warnings: Vec<Warning>,
}

/// The first year that the office says it recorded. From this year on, a year without reports counts as 0; an earlier year
/// without reports has no value. Years with a recorded report, and the current year once there are earlier reports, have a
/// value anyway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordsFrom {
    /// The reports of IKU 4, by the year in which they fall due; null: not said.
    #[schema(required, minimum = 2000, maximum = 2100, example = 2024)]
    pub administration: Option<i32>,
    /// The reports of IKU 5, by the year in which they fall due; null: not said.
    #[schema(required, minimum = 2000, maximum = 2100, example = 2024)]
    pub finance: Option<i32>,
}

/// A correction as JSON Merge Patch (RFC 7396): absent members do not change, null removes a value.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"records_from": {"administration": 2024, "finance": 2024}, "reason": "Register sejak 2024"}))]
pub struct DistrictPatch {
    #[schema(nullable = false)]
    pub records_from: Option<RecordsFromPatch>,
    /// Why the correction is made; stored with the new version. Null, like absent: no reason.
    #[schema(write_only, min_length = 1, max_length = 300)]
    pub reason: Option<String>,
}

/// A correction of the first recorded years.
#[derive(Debug, ToSchema)]
pub struct RecordsFromPatch {
    /// Null removes it.
    #[schema(minimum = 2000, maximum = 2100)]
    pub administration: Option<i32>,
    /// Null removes it.
    #[schema(minimum = 2000, maximum = 2100)]
    pub finance: Option<i32>,
}

pub type DistrictPage = Page<District>;
pub type DistrictVersion = Version<District>;
pub type DistrictVersionPage = Page<DistrictVersion>;

impl Resource for District {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/districts/{}", self.code)
    }
}

impl District {
    /// Returns the district with what its office says.
    pub fn new(row: district::Model, start: record_start::Model) -> Result<Self, Error> {
        let district::Model { code, name } = row;
        let record_start::Model {
            district_code: _,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            administration,
            finance,
        } = start;
        Ok(Self {
            code: DistrictCode::try_from(code).or_internal()?,
            name,
            records_from: RecordsFrom {
                administration,
                finance,
            },
            recorded_at,
            recorded_by,
            warnings: Vec::new(),
        })
    }
}

impl RecordsFrom {
    /// Returns the first year about which the two say something else, or `None` if they say the same.
    pub fn first_difference(&self, other: &Self) -> Option<i32> {
        let groups = [
            (self.administration, other.administration),
            (self.finance, other.finance),
        ];
        let differing = groups.into_iter().filter(|(one, other)| one != other);
        differing.flat_map(|(one, other)| [one, other]).flatten().min()
    }

    /// Returns the last year about which the two say something else; `None`: all years from the first on.
    pub fn last_difference(&self, other: &Self) -> Option<i32> {
        let groups = [
            (self.administration, other.administration),
            (self.finance, other.finance),
        ];
        let differing = groups.into_iter().filter(|(one, other)| one != other);
        let last = differing.map(|(one, other)| Some(one?.max(other?) - 1));
        last.collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}
