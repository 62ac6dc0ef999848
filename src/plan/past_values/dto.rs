//! Past values in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use ::entity::past_value;

use crate::core::decimal::Hundredths;
use crate::platform::decimal_json::Decimal2;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{ETag, Page, Resource, Slug, Version};

/// A past value to set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"value": 81.25, "source": "LKjIP 2022"}))]
pub struct NewPastValue {
    /// As it was reported, in the unit of the indicator; at most 2 decimals.
    #[schema(value_type = f64, minimum = 0, maximum = 1_000_000_000, multiple_of = 0.01, example = 81.25)]
    pub value: Decimal2,
    /// The document that reported it.
    #[schema(min_length = 1, max_length = 2000, example = "LKjIP 2022")]
    pub source: String,
    /// Why the value is changed; stored with the version. Required if the year has a past value, or had one.
    #[schema(write_only, min_length = 1, max_length = 300, example = "Salah ketik")]
    pub reason: Option<String>,
}

/// A recorded past value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PastValue {
    #[schema(example = "paringin-iku-4")]
    pub indicator_code: Slug,
    #[schema(minimum = 2000, maximum = 2100, example = 2022)]
    pub year: i32,
    /// As it was reported, in the unit of the indicator.
    #[schema(value_type = f64, minimum = 0, maximum = 1_000_000_000, multiple_of = 0.01, example = 81.25)]
    pub value: Decimal2,
    /// The document that reported it.
    #[schema(max_length = 2000, example = "LKjIP 2022")]
    pub source: String,
    /// The instant at which this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "camat")]
    pub recorded_by: String,
}

pub type PastValuePage = Page<PastValue>;
pub type PastValueVersion = Version<PastValue>;
pub type PastValueVersionPage = Page<PastValueVersion>;

/// Filters of a list of past values.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PastValueFilter {
    /// Only the value of this year.
    #[param(minimum = 2000, maximum = 2100, example = 2022)]
    pub year: Option<i32>,
}

impl Resource for PastValue {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/indicators/{}/past-values/{}", self.indicator_code, self.year)
    }
}

impl TryFrom<past_value::Model> for PastValue {
    type Error = Error;

    fn try_from(row: past_value::Model) -> Result<Self, Error> {
        let past_value::Model {
            indicator_code,
            year,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code: _,
            value_hundredths,
            source,
        } = row;
        Ok(Self {
            indicator_code: Slug::try_from(indicator_code).or_internal()?,
            year,
            value: Decimal2(Hundredths(value_hundredths)),
            source,
            recorded_at,
            recorded_by,
        })
    }
}
