//! Targets in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::target;

use crate::core::decimal::Hundredths;
use crate::platform::decimal_json::Decimal2;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{ETag, Page, Resource, Slug, Version, Warning};

/// A target to set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"value": 90, "basis": "Perjanjian Kinerja 2025", "reason": "Perjanjian Kinerja murni"}))]
pub struct NewTarget {
    /// In the unit of the indicator, cumulative to the last day of the period; at most 2 decimals.
    #[schema(value_type = f64, minimum = 0, maximum = 1_000_000_000, multiple_of = 0.01, example = 90)]
    pub value: Decimal2,
    /// The document that promises the target.
    #[schema(min_length = 1, max_length = 2000, example = "Perjanjian Kinerja 2025")]
    pub basis: Option<String>,
    /// The performance agreement that promises it: one of the same district and year. Absent: none is recorded.
    #[schema(example = "0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4f01")]
    pub agreement_id: Option<Uuid>,
    /// Why the target is set or revised; stored with the version. Required if the year is over and the period has a target, or
    /// had one.
    #[schema(
        write_only,
        min_length = 1,
        max_length = 300,
        example = "Perubahan Perjanjian Kinerja sesudah APBD Perubahan"
    )]
    pub reason: Option<String>,
}

/// A recorded target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Target {
    #[schema(example = "paringin-iku-4")]
    pub indicator_code: Slug,
    /// The canonical name: Q1, S1, Q3 or the year.
    #[schema(pattern = "^[0-9]{4}(-(Q1|S1|Q3))?$", max_length = 7, example = "2025-S1")]
    pub period: String,
    /// In the unit of the indicator, cumulative to the last day of the period.
    #[schema(value_type = f64, minimum = 0, maximum = 1_000_000_000, multiple_of = 0.01, example = 90)]
    pub value: Decimal2,
    /// The document that promises the target.
    #[schema(required, max_length = 2000, example = "Perjanjian Kinerja 2025")]
    pub basis: Option<String>,
    /// The performance agreement that promises it; null: none is recorded.
    #[schema(required)]
    pub agreement_id: Option<Uuid>,
    /// The instant at which this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "camat")]
    pub recorded_by: String,
    /// Only in the response to a change of a period that is over.
    #[schema(value_type = Option<Vec<Warning>>, nullable = false, max_items = 10)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

pub type TargetPage = Page<Target>;
pub type TargetVersion = Version<Target>;
pub type TargetVersionPage = Page<TargetVersion>;

/// Filters and order of a list of targets.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TargetFilter {
    /// Only targets of this year.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub year: Option<i32>,
}

impl Resource for Target {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/indicators/{}/targets/{}", self.indicator_code, self.period)
    }
}

impl TryFrom<target::Model> for Target {
    type Error = Error;

    fn try_from(row: target::Model) -> Result<Self, Error> {
        let target::Model {
            indicator_code,
            period,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code: _,
            value_hundredths,
            basis,
            agreement_id,
        } = row;
        Ok(Self {
            indicator_code: Slug::try_from(indicator_code).or_internal()?,
            period,
            value: Decimal2(Hundredths(value_hundredths)),
            basis,
            agreement_id,
            recorded_at,
            recorded_by,
            warnings: Vec::new(),
        })
    }
}

impl Target {
    /// Returns whether a request would set what this target already is.
    pub fn is_set_by(&self, new: &NewTarget) -> bool {
        let NewTarget {
            value,
            basis,
            agreement_id,
            reason: _,
        } = new;
        (&self.value, &self.basis, &self.agreement_id) == (value, basis, agreement_id)
    }
}
