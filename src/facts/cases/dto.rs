//! Cases in requests and responses.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::{case_event, public_case};

use super::event::{CaseEvent, views};
use super::flag::{self, CaseFlag};
use crate::core::case::CaseStatus;
use crate::platform::db::Versioned;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{
    Deletion, DistrictCode, ETag, Moment, Page, PatchOf, Patchable, RecordState, Resource, Slug, Version, VillageCode,
};

/// A case to record. Its first status is `reported`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"village_code": "63.11.06.2005", "category": "lingkungan", "occurred_at": "2025-03-14T21:30:00+08:00",
    "summary": "Pembakaran sampah di dekat permukiman"}), as = NewPublicOrderCase)]
pub struct NewCase {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    /// Absent if it is not known; then `district_code` says where the case belongs.
    pub village_code: Option<VillageCode>,
    /// Needed without `village_code`; else that of the village.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district_code: Option<DistrictCode>,
    /// Code of the category.
    #[schema(example = "lingkungan")]
    pub category: Slug,
    /// An instant, or a day (WITA) alone where the register has no time. Not in the future, and within the life of the
    /// village. The case counts in the year of this date (WITA).
    #[schema(value_type = String, format = "date-or-date-time", example = "2025-03-14T21:30:00+08:00")]
    pub occurred_at: Moment,
    /// A description without names of people.
    #[schema(min_length = 1, max_length = 2000, example = "Pembakaran sampah di dekat permukiman")]
    pub summary: String,
}

/// A recorded case with its events.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PublicOrderCase)]
pub struct Case {
    pub id: Uuid,
    pub district_code: DistrictCode,
    /// Null: the village is not known.
    #[schema(required)]
    pub village_code: Option<VillageCode>,
    pub category: Slug,
    /// The first instant of the day (WITA) where only the day is known.
    #[schema(example = "2025-03-14T13:30:00Z")]
    pub occurred_at: DateTime<Utc>,
    pub occurred_precision: Precision,
    #[schema(max_length = 2000, example = "Pembakaran sampah di dekat permukiman")]
    pub summary: String,
    pub status: CaseStatus,
    /// In the order of the record; the last event that was not taken back decides the status.
    #[schema(max_items = 50)]
    pub events: Vec<CaseEvent>,
    /// What is implausible.
    #[schema(max_items = 10)]
    pub flags: Vec<CaseFlag>,
    /// The instant at which this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "kasi.trantibum")]
    pub recorded_by: String,
    /// Only of a deleted case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
}

/// What is known of the time at which a case occurred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    Instant,
    /// Only the day (WITA) is known.
    Day,
}

pub type CasePatch = PatchOf<NewCase>;
pub type CasePage = Page<Case>;
pub type CaseVersion = Version<Case>;
pub type CaseVersionPage = Page<CaseVersion>;

/// Filters and order of a list of cases.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CaseFilter {
    pub district_code: Option<DistrictCode>,
    pub village_code: Option<VillageCode>,
    /// Whether the village is known.
    pub village_known: Option<bool>,
    /// Code of the category.
    #[param(example = "lingkungan")]
    pub category: Option<Slug>,
    pub status: Option<CaseStatus>,
    /// Occurred on this day (WITA) or later.
    pub occurred_from: Option<NaiveDate>,
    /// Occurred on this day (WITA) or earlier.
    pub occurred_to: Option<NaiveDate>,
    /// The user or client that recorded the current version.
    #[param(min_length = 1, max_length = 100, example = "kasi.trantibum")]
    pub recorded_by: Option<String>,
    /// The current version was recorded at this instant or later.
    #[param(example = "2025-06-30T09:00:00+08:00")]
    pub changed_since: Option<DateTime<Utc>>,
    /// Only cases with flags, or only cases without.
    pub flagged: Option<bool>,
    /// Default: `current`.
    #[param(inline)]
    pub state: Option<RecordState>,
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
    const FIXED: &'static [&'static str] = &["id", "district_code"];

    fn example() -> Value {
        json!({"category": "lingkungan", "reason": "Salah kategori"})
    }
}

impl Case {
    pub fn new(row: public_case::Model, events: Vec<case_event::Model>) -> Result<Self, Error> {
        let deletion = Deletion::of(public_case::Entity::version_info(&row));
        let public_case::Model {
            id,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code,
            village_code,
            category,
            occurred_at,
            occurred_on: _,
            time_known,
            summary,
            status,
            flags,
        } = row;
        Ok(Self {
            id,
            district_code: DistrictCode::try_from(district_code).or_internal()?,
            village_code: village_of(village_code)?,
            category: Slug::try_from(category).or_internal()?,
            occurred_at,
            occurred_precision: if time_known { Precision::Instant } else { Precision::Day },
            summary,
            status: status.parse()?,
            events: views(events)?,
            flags: flag::read(&flags)?,
            recorded_at,
            recorded_by,
            deletion,
        })
    }
}

impl NewCase {
    /// Returns the form to which a patch is applied: the content of a request that would create this case.
    pub fn of(row: &public_case::Model) -> Result<Self, Error> {
        Ok(Self {
            id: None,
            village_code: village_of(row.village_code.clone())?,
            district_code: Some(DistrictCode::try_from(row.district_code.clone()).or_internal()?),
            category: Slug::try_from(row.category.clone()).or_internal()?,
            occurred_at: match row.time_known {
                true => Moment::Instant(row.occurred_at),
                false => Moment::Day(row.occurred_on),
            },
            summary: row.summary.clone(),
        })
    }
}

/// Returns the village of a case, if it is known.
fn village_of(code: String) -> Result<Option<VillageCode>, Error> {
    Some(code)
        .filter(|code| !code.is_empty())
        .map(VillageCode::try_from)
        .transpose()
        .or_internal()
}

/// Returns one entry of the history.
pub fn version((row, events): (public_case::Model, Vec<case_event::Model>)) -> Result<CaseVersion, Error> {
    Ok(Version::new(
        public_case::Entity::version_info(&row),
        Case::new(row, events)?,
    ))
}
