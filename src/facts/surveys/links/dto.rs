//! Survey links and slips in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::{survey_link, survey_slip};

use super::query;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{DistrictCode, ETag, Page, PatchOf, Patchable, Resource, Version};
use crate::platform::time::whole_micros;

/// A link to make for a survey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"survey_id": "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f", "name": "Loket KTP"}))]
pub struct NewSurveyLink {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    pub survey_id: Uuid,
    /// Where it hangs.
    #[schema(min_length = 1, max_length = 100, example = "Loket KTP")]
    pub name: String,
    /// The answers in a clock hour that count without a look. Further answers are held, never refused.
    #[serde(default = "usual_budget")]
    #[schema(minimum = 1, maximum = 5000, default = 120, example = 120)]
    pub hourly_budget: i32,
    /// Whether an answer without a slip is held.
    #[serde(default)]
    #[schema(default = false)]
    pub slips_required: bool,
    /// From then on the link shows no form, and answers that come late are held; absent: no end.
    #[schema(example = "2025-07-01T00:00:00+08:00")]
    pub expires_at: Option<DateTime<Utc>>,
    /// `false`: the link is switched off, as after its end.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub active: bool,
}

fn usual_budget() -> i32 {
    120
}

fn yes() -> bool {
    true
}

/// A link of a survey. Its page is `/s/{code}`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SurveyLink {
    /// Also the `client_id` of its answers.
    pub id: Uuid,
    pub survey_id: Uuid,
    pub district_code: DistrictCode,
    #[schema(max_length = 100, example = "Loket KTP")]
    pub name: String,
    /// The last part of its address, made by the service: ten characters of Crockford's base32. It is no secret.
    #[schema(pattern = "^[0-9A-HJKMNP-TV-Z]{10}$", max_length = 10, example = "4T9X0M7CQK")]
    pub code: String,
    #[schema(minimum = 1, maximum = 5000, example = 120)]
    pub hourly_budget: i32,
    pub slips_required: bool,
    #[schema(required, example = "2025-07-01T00:00:00+08:00")]
    pub expires_at: Option<DateTime<Utc>>,
    pub active: bool,
    /// The instant at which this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "kasi.pelayanan")]
    pub recorded_by: String,
}

pub type SurveyLinkPatch = PatchOf<NewSurveyLink>;
pub type SurveyLinkPage = Page<SurveyLink>;
pub type SurveyLinkVersion = Version<SurveyLink>;
pub type SurveyLinkVersionPage = Page<SurveyLinkVersion>;

/// Filters of a list of links.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SurveyLinkFilter {
    pub district_code: Option<DistrictCode>,
    /// Id of the survey.
    pub survey_id: Option<Uuid>,
    pub active: Option<bool>,
}

/// How many slips to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"count": 12}))]
pub struct NewSurveySlips {
    #[schema(minimum = 1, maximum = 500, example = 12)]
    pub count: u32,
}

/// A slip: it gives one answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SurveySlip {
    /// The id of the answer that is given with it.
    pub id: Uuid,
    /// To type, or in the address: `/s/{code of the link}?kupon={code}`.
    #[schema(pattern = "^[0-9A-HJKMNP-TV-Z]{10}$", max_length = 10, example = "4T9X0M7CQK")]
    pub code: String,
    pub created_at: DateTime<Utc>,
}

pub type SurveySlipPage = Page<SurveySlip>;

/// Slips that were made together.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SurveySlips {
    #[schema(min_items = 1, max_items = 500)]
    pub slips: Vec<SurveySlip>,
}

impl Resource for SurveyLink {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/survey-links/{}", self.id)
    }
}

impl Patchable for NewSurveyLink {
    const FIXED: &'static [&'static str] = &["id", "survey_id"];

    fn example() -> Value {
        json!({"active": false, "reason": "Loket pindah"})
    }
}

impl NewSurveyLink {
    /// Returns the content in its normal form.
    pub fn normalised(self) -> Self {
        Self {
            id: None,
            expires_at: self.expires_at.map(whole_micros),
            ..self
        }
    }
}

impl TryFrom<survey_link::Model> for SurveyLink {
    type Error = Error;

    fn try_from(row: survey_link::Model) -> Result<Self, Error> {
        let survey_link::Model {
            id,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code,
            survey_id,
            name,
            code,
            hourly_budget,
            slips_required,
            expires_at,
            active,
        } = row;
        Ok(Self {
            id,
            survey_id,
            district_code: DistrictCode::try_from(district_code).or_internal()?,
            name,
            code,
            hourly_budget,
            slips_required,
            expires_at,
            active,
            recorded_at,
            recorded_by,
        })
    }
}

impl SurveyLink {
    /// Returns the form to which a patch is applied.
    pub fn as_new(&self) -> NewSurveyLink {
        NewSurveyLink {
            id: None,
            survey_id: self.survey_id,
            name: self.name.clone(),
            hourly_budget: self.hourly_budget,
            slips_required: self.slips_required,
            expires_at: self.expires_at,
            active: self.active,
        }
    }
}

impl From<survey_slip::Model> for SurveySlip {
    fn from(row: survey_slip::Model) -> Self {
        Self {
            id: row.id,
            code: query::code_of(row.id),
            created_at: row.created_at,
        }
    }
}
