//! Cases in requests and responses.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::{case_event, public_case};

use super::event::CaseEvent;
use crate::core::case::CaseStatus;
use crate::platform::db::Versioned;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{DistrictCode, ETag, Page, PatchOf, Patchable, Resource, Slug, Version, VillageCode};

/// A case to record. Its first status is `reported`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"village_code": "63.11.06.2005", "category": "lingkungan", "occurred_at": "2025-03-14T21:30:00+08:00",
    "summary": "Pembakaran sampah di dekat permukiman"}))]
pub struct NewCase {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    pub village_code: VillageCode,
    /// Code of the category.
    #[schema(example = "lingkungan")]
    pub category: Slug,
    /// Not in the future. The date in WITA decides in which year the case counts.
    #[schema(example = "2025-03-14T21:30:00+08:00")]
    pub occurred_at: DateTime<Utc>,
    /// What happened, without names of people.
    #[schema(min_length = 1, max_length = 2000, example = "Pembakaran sampah di dekat permukiman")]
    pub summary: String,
}

/// A recorded case with its events.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Case {
    pub id: Uuid,
    pub village_code: VillageCode,
    pub category: Slug,
    #[schema(example = "2025-03-14T13:30:00Z")]
    pub occurred_at: DateTime<Utc>,
    #[schema(max_length = 2000, example = "Pembakaran sampah di dekat permukiman")]
    pub summary: String,
    pub status: CaseStatus,
    /// In the order in which they happened; the last event decides the status.
    #[schema(max_items = 10)]
    pub events: Vec<CaseEvent>,
    /// When this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded this version.
    #[schema(max_length = 100, example = "kasi.trantibum")]
    pub recorded_by: String,
}

pub type CasePatch = PatchOf<NewCase>;
pub type CasePage = Page<Case>;
pub type CaseVersion = Version<Case>;
pub type CaseVersionPage = Page<CaseVersion>;

/// Filters and order of a list of cases.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CaseFilter {
    pub district: Option<DistrictCode>,
    pub village: Option<VillageCode>,
    /// Code of the category.
    #[param(example = "lingkungan")]
    pub category: Option<Slug>,
    pub status: Option<CaseStatus>,
    /// Occurred on this day (WITA) or later.
    pub occurred_from: Option<NaiveDate>,
    /// Occurred on this day (WITA) or earlier.
    pub occurred_to: Option<NaiveDate>,
    /// Default: `-occurred_at`, the newest first.
    #[param(inline)]
    pub sort: Option<CaseSort>,
}

/// The order of a list; `-` in front reverses it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub enum CaseSort {
    #[default]
    #[serde(rename = "-occurred_at")]
    OccurredAtDescending,
    #[serde(rename = "occurred_at")]
    OccurredAt,
    #[serde(rename = "village_code")]
    VillageCode,
}

impl Resource for Case {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/cases/{}", self.id)
    }
}

impl Patchable for NewCase {
    const FIXED: &'static [&'static str] = &["id"];

    fn example() -> Value {
        json!({"category": "lingkungan", "reason": "Salah kategori"})
    }
}

impl Case {
    pub fn new(row: public_case::Model, events: Vec<case_event::Model>) -> Result<Self, Error> {
        let public_case::Model {
            id,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code: _,
            village_code,
            category,
            occurred_at,
            occurred_on: _,
            summary,
            status,
        } = row;
        Ok(Self {
            id,
            village_code: VillageCode::try_from(village_code).or_internal()?,
            category: Slug::try_from(category).or_internal()?,
            occurred_at,
            summary,
            status: status.parse()?,
            events: events.into_iter().map(CaseEvent::try_from).collect::<Result<_, _>>()?,
            recorded_at,
            recorded_by,
        })
    }
}

impl NewCase {
    /// Returns the form to which a patch is applied: the content of a request that would create this case.
    pub fn of(row: &public_case::Model) -> Result<Self, Error> {
        Ok(Self {
            id: None,
            village_code: VillageCode::try_from(row.village_code.clone()).or_internal()?,
            category: Slug::try_from(row.category.clone()).or_internal()?,
            occurred_at: row.occurred_at,
            summary: row.summary.clone(),
        })
    }
}

/// Returns one entry of the history.
pub fn version((row, events): (public_case::Model, Vec<case_event::Model>)) -> Result<CaseVersion, Error> {
    Ok(Version::new(
        public_case::Entity::version_info(&row),
        Case::new(row, events)?,
    ))
}
