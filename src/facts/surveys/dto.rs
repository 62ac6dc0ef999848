//! Surveys as they come in and go out.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::survey;

use crate::access::Section;
use crate::core::closed_list::closed_list;
use crate::core::element::{ActiveElements, Element};
use crate::core::formula::survey_index::SurveyStatus;
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, Page, Version};

/// A survey to make. It begins as a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "district_code": "63.11.06", "title": "SKM Pelayanan Semester I 2025", "section": "pelayanan-kessos",
    "starts_on": "2025-01-06", "ends_on": "2025-06-30", "population": 1000, "inactive_elements": ["biaya"]
}))]
pub struct NewSurvey {
    /// Made by the caller, so that sending it again is safe; absent: made here.
    pub id: Option<Uuid>,
    pub district_code: DistrictCode,
    #[schema(min_length = 1, max_length = 200, example = "SKM Pelayanan Semester I 2025")]
    pub title: String,
    /// The section whose service is judged; IKU 1 counts those of its formula's section.
    pub section: Section,
    #[serde(default)]
    #[schema(default = "skm-9")]
    pub questionnaire: SurveyForm,
    #[schema(example = "2025-01-06")]
    pub starts_on: NaiveDate,
    /// The survey counts in the year of this day; not before `starts_on`.
    #[schema(example = "2025-06-30")]
    pub ends_on: NaiveDate,
    /// People served, from which the wanted sample follows.
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 1000)]
    pub population: Option<i64>,
    /// Elements that the index leaves out (`biaya` where the law makes the service free). Answers to them are stored
    /// all the same, for they can be made active again.
    #[schema(max_items = 8, example = json!(["biaya"]))]
    pub inactive_elements: Option<BTreeSet<Element>>,
}

/// The questionnaire that a survey asks, by its code. The elements of an answer are columns, so another form than the
/// nine elements of Permen PANRB 14/2017 is a new release, not a new row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum SurveyForm {
    #[default]
    #[serde(rename = "skm-9")]
    Skm9,
}
closed_list!(SurveyForm { Skm9 "skm-9" });

/// What of a survey can be changed (JSON Merge Patch: null removes).
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"status": "open", "reason": "Mulai dibagikan"}))]
pub struct SurveyPatch {
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub title: Option<String>,
    #[schema(nullable = false)]
    pub section: Option<Section>,
    #[schema(nullable = false)]
    pub starts_on: Option<NaiveDate>,
    #[schema(nullable = false)]
    pub ends_on: Option<NaiveDate>,
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub population: Option<i64>,
    #[schema(max_items = 8)]
    pub inactive_elements: Option<BTreeSet<Element>>,
    /// `draft` -> `open`, `open` <-> `closed`; anything else is a 409.
    #[schema(nullable = false)]
    pub status: Option<SurveyStatus>,
    /// Why the change is made; kept with the new version.
    #[schema(write_only, min_length = 1, max_length = 300)]
    pub reason: Option<String>,
}

/// A survey as recorded.
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
    /// When this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded this version.
    #[schema(max_length = 100, example = "kasi.pelayanan")]
    pub recorded_by: String,
}

pub type SurveyPage = Page<Survey>;
pub type SurveyVersion = Version<Survey>;
pub type SurveyVersionPage = Page<SurveyVersion>;

/// Which surveys a list has.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SurveyFilter {
    pub district: Option<DistrictCode>,
    pub section: Option<Section>,
    pub status: Option<SurveyStatus>,
    /// Ending on this day or later.
    #[param(example = "2025-01-01")]
    pub ends_from: Option<NaiveDate>,
    /// Ending on this day or earlier.
    #[param(example = "2025-12-31")]
    pub ends_to: Option<NaiveDate>,
    /// Default: `-ends_on`, the newest first.
    #[param(inline)]
    pub sort: Option<SurveySort>,
}

/// `-` in front: the other way round.
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

impl NewSurvey {
    /// The same content in one form: the empty list of inactive elements and none at all are the same.
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
            district_code: DistrictCode::try_from(district_code).map_err(Error::internal)?,
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
        })
    }
}

fn inactive_elements(stored: &str) -> Result<BTreeSet<Element>, Error> {
    serde_json::from_str(stored).map_err(Error::internal)
}

/// The elements that a survey's index is the mean of, by its stored inactive ones.
pub fn active_elements(stored: &str) -> Result<ActiveElements, Error> {
    let inactive = inactive_elements(stored)?;
    ActiveElements::without(inactive).ok_or_else(|| Error::internal("a survey without active elements"))
}

impl Survey {
    /// The form in which this survey could have been created: what a patch is applied to.
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
