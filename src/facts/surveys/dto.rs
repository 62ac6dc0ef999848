//! Surveys in requests and responses.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::openapi::Ref;
use utoipa::openapi::schema::ObjectBuilder;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::survey::{self, Entity as Surveys};

use crate::access::Section;
use crate::core::closed_list::closed_list;
use crate::core::element::{ActiveElements, Element};
use crate::core::formula::survey_index::SurveyStatus;
use crate::platform::db::Versioned;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{
    Deletion, DistrictCode, ETag, Page, PatchOf, Patchable, RecordState, Resource, Version, Warning,
};

/// A survey to create. A new survey is a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "district_code": "63.11.06", "title": "SKM Pelayanan Semester I 2025", "section": "pelayanan-kessos",
    "starts_on": "2025-01-06", "ends_on": "2025-06-30", "population": 1000, "inactive_elements": ["biaya"]
}))]
pub struct NewSurvey {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    pub district_code: DistrictCode,
    #[schema(min_length = 1, max_length = 200, example = "SKM Pelayanan Semester I 2025")]
    pub title: String,
    /// The section whose service the survey measures. IKU 1 counts the surveys of the section in its formula.
    pub section: Section,
    #[serde(default)]
    #[schema(default = "skm-9")]
    pub questionnaire: SurveyForm,
    #[schema(example = "2025-01-06")]
    pub starts_on: NaiveDate,
    /// The survey counts in the year of this day. Not before `starts_on`.
    #[schema(example = "2025-06-30")]
    pub ends_on: NaiveDate,
    /// The number of people served, from which the required sample follows.
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 1000)]
    pub population: Option<i64>,
    /// Elements that the index leaves out (`biaya` where the law makes the service free). Answers to them are stored,
    /// because an element can become active again.
    #[schema(max_items = 8, example = json!(["biaya"]))]
    pub inactive_elements: Option<BTreeSet<Element>>,
}

/// The code of a survey's questionnaire. The elements of an answer are columns, so another questionnaire than the nine
/// elements of Permen PANRB 14/2017 needs a new release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum SurveyForm {
    #[default]
    #[serde(rename = "skm-9")]
    Skm9,
}
closed_list!(SurveyForm { Skm9 "skm-9" });

/// A recorded survey.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Survey {
    pub id: Uuid,
    pub district_code: DistrictCode,
    #[schema(max_length = 200, example = "SKM Pelayanan Semester I 2025")]
    pub title: String,
    pub section: Section,
    pub questionnaire: SurveyForm,
    #[schema(example = "2025-01-06")]
    pub starts_on: NaiveDate,
    #[schema(example = "2025-06-30")]
    pub ends_on: NaiveDate,
    #[schema(required, minimum = 1, maximum = 1_000_000_000, example = 1000)]
    pub population: Option<i64>,
    #[schema(max_items = 8, example = json!(["biaya"]))]
    pub inactive_elements: BTreeSet<Element>,
    pub status: SurveyStatus,
    /// The instant at which this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "kasi.pelayanan")]
    pub recorded_by: String,
    /// Only of a withdrawn survey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
    /// Only in the response to a change that can move values of periods that are over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 1)]
    pub warnings: Vec<Warning>,
}

pub type SurveyPatch = PatchOf<NewSurvey>;
pub type SurveyPage = Page<Survey>;
pub type SurveyVersion = Version<Survey>;
pub type SurveyVersionPage = Page<SurveyVersion>;

/// Filters and order of a list of surveys.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SurveyFilter {
    pub district_code: Option<DistrictCode>,
    pub section: Option<Section>,
    pub status: Option<SurveyStatus>,
    /// Ends on this day or later.
    #[param(example = "2025-01-01")]
    pub ends_from: Option<NaiveDate>,
    /// Ends on this day or earlier.
    #[param(example = "2025-12-31")]
    pub ends_to: Option<NaiveDate>,
    /// The user or client that recorded the current version.
    #[param(min_length = 1, max_length = 100, example = "kasi.pelayanan")]
    pub recorded_by: Option<String>,
    /// The current version was recorded (with `state=deleted`: the survey was withdrawn) at this instant or later.
    #[param(example = "2025-06-30T09:00:00+08:00")]
    pub changed_since: Option<DateTime<Utc>>,
    /// Default: `current`.
    #[param(inline)]
    pub state: Option<RecordState>,
    /// Default: `-ends_on`, the newest first.
    #[param(inline)]
    pub sort: Option<SurveySort>,
}

/// The order of a list; `-` in front reverses it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub enum SurveySort {
    #[serde(rename = "ends_on")]
    EndsOn,
    #[default]
    #[serde(rename = "-ends_on")]
    EndsOnDescending,
    #[serde(rename = "title")]
    Title,
}

impl Resource for Survey {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/surveys/{}", self.id)
    }
}

impl Patchable for NewSurvey {
    const FIXED: &'static [&'static str] = &["id", "district_code", "questionnaire"];

    fn example() -> Value {
        json!({"status": "open", "reason": "Mulai dibagikan"})
    }

    fn adapt(patch: ObjectBuilder) -> ObjectBuilder {
        let about = "`draft` -> `open`, `open` <-> `closed`; any other change is a 409.";
        let status = Ref::builder().ref_location_from_schema_name(SurveyStatus::name());
        patch.property("status", status.description(Some(about)).build())
    }
}

impl NewSurvey {
    /// Returns the content in its normal form: an empty list of inactive elements is the same as an absent list.
    pub fn normalised(self) -> Self {
        Self {
            id: None,
            inactive_elements: self.inactive_elements.filter(|elements| !elements.is_empty()),
            ..self
        }
    }
}

impl TryFrom<survey::Model> for Survey {
    type Error = Error;

    fn try_from(row: survey::Model) -> Result<Self, Error> {
        let deletion = Deletion::of(Surveys::version_info(&row));
        let inactive_elements = inactive_elements(&row.inactive_elements)?;
        let survey::Model {
            id,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code,
            title,
            section,
            questionnaire,
            starts_on,
            ends_on,
            population,
            inactive_elements: _,
            status,
        } = row;
        Ok(Self {
            id,
            district_code: DistrictCode::try_from(district_code).or_internal()?,
            title,
            section: section.parse()?,
            questionnaire: questionnaire.parse()?,
            starts_on,
            ends_on,
            population,
            inactive_elements,
            status: status.parse()?,
            recorded_at,
            recorded_by,
            deletion,
            warnings: Vec::new(),
        })
    }
}

fn inactive_elements(stored: &str) -> Result<BTreeSet<Element>, Error> {
    serde_json::from_str(stored).or_internal()
}

/// Returns the active elements of a survey, given its stored inactive elements.
pub fn active_elements(stored: &str) -> Result<ActiveElements, Error> {
    let inactive = inactive_elements(stored)?;
    ActiveElements::without(inactive).ok_or_else(|| Error::internal("a survey without active elements"))
}

impl Survey {
    /// Returns the form to which a patch is applied: the content of a request that would create this survey.
    pub fn as_new(&self) -> NewSurvey {
        NewSurvey {
            id: None,
            district_code: self.district_code.clone(),
            title: self.title.clone(),
            section: self.section,
            questionnaire: self.questionnaire,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            population: self.population,
            inactive_elements: Some(self.inactive_elements.clone()),
        }
        .normalised()
    }
}
