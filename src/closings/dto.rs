//! Closings in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::closing;

use crate::core::period::Period;
use crate::platform::decimal_json::Decimal2;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{DistrictCode, ETag, Page, Resource, Slug};
use crate::results::realisations::dto::RevisedValue;

/// A period to close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"district_code": "63.11.06", "period": "2025-S1"}))]
pub struct NewClosing {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    pub district_code: DistrictCode,
    /// A year, semester or quarter that is over: `2025`, `2025-S1` or `2025-Q2`. Equivalent periods are one: `2025-Q2` is
    /// `2025-S1`; `2025-Q4` and `2025-S2` are `2025`. Months cannot be closed.
    #[schema(value_type = String, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", example = "2025-S1")]
    pub period: Period,
    /// Required if the period is closed already.
    #[schema(
        min_length = 1,
        max_length = 300,
        example = "Laporan Balang dikoreksi sesudah reviu Inspektorat"
    )]
    pub reason: Option<String>,
}

/// The closing of a period. It never changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Closing {
    pub id: Uuid,
    pub district_code: DistrictCode,
    /// The canonical name: Q1, S1, Q3 or the year.
    #[schema(pattern = "^[0-9]{4}(-(Q1|S1|Q3))?$", max_length = 7, example = "2025-S1")]
    pub period: String,
    /// 1, or more if the period was closed again. The last version of a period is the one that realisations show.
    #[schema(minimum = 1, maximum = 2147483647, example = 1)]
    pub version: i32,
    /// The values are those that were known at this instant.
    pub closed_at: DateTime<Utc>,
    /// The user or client that closed the period.
    #[schema(max_length = 100, example = "camat")]
    pub closed_by: String,
    #[schema(required, max_length = 300)]
    pub reason: Option<String>,
    /// Whether the account that closed also recorded reports, institutions, cases, surveys or voids of the district since the
    /// closing before.
    pub same_hand: bool,
    /// The closing of the district before this one; null: it is the first.
    #[schema(required)]
    pub previous_id: Option<Uuid>,
    /// The version before of the same period.
    #[schema(required)]
    pub replaces_id: Option<Uuid>,
    pub document: ClosingFile,
    pub statement: ClosingFile,
    /// The key that signed the statement (`/v1/closings/keys`).
    #[schema(max_length = 100, example = "3f0e4c579a316c1f0e3c2b110b6f7d9e")]
    pub kid: String,
}

/// A part of a closing, served as it was stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClosingFile {
    #[schema(
        format = "uri-reference",
        max_length = 200,
        example = "/v1/closings/0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f/document"
    )]
    pub href: String,
    /// SHA-256 in hexadecimal.
    #[schema(
        min_length = 64,
        max_length = 64,
        pattern = "^[0-9a-f]{64}$",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub sha256: String,
    #[schema(minimum = 1, maximum = 9007199254740991_i64, example = 81342)]
    pub bytes: u64,
}

pub type ClosingPage = Page<Closing>;
pub type ClosingRevisionPage = Page<ClosingRevision>;

/// Filters of a list of closings.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClosingFilter {
    pub district_code: Option<DistrictCode>,
    /// Only closings of this period and of the periods that are equivalent to it.
    #[param(value_type = Option<String>, max_length = 7, pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", example = "2025-S1")]
    pub period: Option<Period>,
}

/// A closed value, and what it would be now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClosingRevision {
    #[schema(example = "paringin-iku-4")]
    pub indicator_code: Slug,
    /// The closed value, in the indicator's unit; null: it was not computable.
    #[schema(required)]
    pub value: Option<Decimal2>,
    /// The closed value as a reduced fraction (for a percentage: of the ratio).
    #[schema(required, max_length = 10000, example = "11/14")]
    pub exact: Option<String>,
    /// What the value would be now; null: the indicator is no longer in force.
    #[schema(required)]
    pub revised: Option<RevisedValue>,
    /// What was recorded and what the calendar did since the closing; null: the indicator is no longer in force.
    #[schema(
        required,
        format = "uri-reference",
        max_length = 300,
        example = "/v1/indicators/paringin-iku-4/realisations/2025-S1/difference?from=2025-07-15T01:00:00Z"
    )]
    pub difference: Option<String>,
}

impl Resource for Closing {
    fn etag(&self) -> ETag {
        ETag::of_digest(&self.statement.sha256)
    }

    fn location(&self) -> String {
        location(self.id)
    }
}

fn location(id: Uuid) -> String {
    format!("/v1/closings/{id}")
}

impl TryFrom<closing::Model> for Closing {
    type Error = Error;

    fn try_from(row: closing::Model) -> Result<Self, Error> {
        let file = |name: &str, sha256: String, bytes: u64| ClosingFile {
            href: format!("{}/{name}", location(row.id)),
            sha256,
            bytes,
        };
        Ok(Self {
            id: row.id,
            district_code: DistrictCode::try_from(row.district_code).or_internal()?,
            period: row.period,
            version: row.version,
            closed_at: row.closed_at,
            closed_by: row.closed_by,
            reason: row.reason,
            same_hand: row.same_hand,
            previous_id: row.previous_id,
            replaces_id: row.replaces_id,
            document: file(
                "document",
                row.document_sha256,
                u64::try_from(row.document_bytes).or_internal()?,
            ),
            statement: file("statement", row.statement_sha256, row.statement.len() as u64),
            kid: row.kid,
        })
    }
}
