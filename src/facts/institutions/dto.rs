//! Institutions in requests and responses.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::institution;

use super::decree_dto::{InstitutionDecree, NewInstitutionDecree};
use super::query::Whole;
use crate::core::institution::Belonging;
use crate::platform::db::Versioned;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{
    Deletion, DistrictCode, ETag, Page, PatchOf, Patchable, RecordState, Resource, Slug, Version, VillageCode, Warning,
};

/// An institution to record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"village_code": "63.11.06.2005", "kind": "rt", "name": "RT 01", "decrees": [
    {"number": "141/07/KPTS-BLG/2023", "issued_on": "2023-06-20", "starts_on": "2023-07-01"}]}))]
pub struct NewInstitution {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    /// A desa: a kelurahan has no LKD.
    pub village_code: VillageCode,
    /// Code of the kind of institution.
    #[schema(example = "rt")]
    pub kind: Slug,
    /// Name or number; unique for its kind in the village. `RT 01`, `RT.001` and `Rukun Tetangga 1` are one name.
    #[schema(min_length = 1, max_length = 200, example = "RT 01")]
    pub name: String,
    /// The Keputusan Kepala Desa that established and renewed the institution.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub decrees: Vec<NewInstitutionDecree>,
}

/// A recorded institution.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Institution {
    pub id: Uuid,
    /// The village to which it belongs since its last transfer.
    pub village_code: VillageCode,
    pub kind: Slug,
    #[schema(max_length = 200, example = "RT 01")]
    pub name: String,
    /// The villages to which it belongs, in the order of its transfers.
    #[schema(min_items = 1, max_items = 21)]
    pub villages: Vec<InstitutionVillage>,
    /// In the order in which they were recorded.
    #[schema(max_items = 50)]
    pub decrees: Vec<InstitutionDecree>,
    /// The instant at which this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "kasi.pmd")]
    pub recorded_by: String,
    /// Only in a list with `suspected=true`: another institution of the same village and kind, which may be the same one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspected_double_of: Option<Uuid>,
    /// Only of a deleted institution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
    /// Only in the response to a transfer; absent: no value of a period that is over moves.
    #[schema(value_type = Option<Vec<Warning>>, nullable = false, max_items = 10)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// A village to which an institution belongs, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"village_code": "63.11.06.2006", "from": "2025-07-01"}))]
pub struct InstitutionVillage {
    pub village_code: VillageCode,
    /// The day of the transfer; null: from the beginning.
    #[schema(required)]
    pub from: Option<NaiveDate>,
}

pub type InstitutionPatch = PatchOf<NewInstitution>;
pub type InstitutionPage = Page<Institution>;
pub type InstitutionVersion = Version<Institution>;
pub type InstitutionVersionPage = Page<InstitutionVersion>;

/// Filters and order of a list of institutions.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InstitutionFilter {
    pub district_code: Option<DistrictCode>,
    /// Belongs to this village: since its last transfer, or with `active_on` on that day.
    pub village_code: Option<VillageCode>,
    /// Code of the kind of institution.
    #[param(example = "rt")]
    pub kind: Option<Slug>,
    /// Has a decree in force on this day.
    pub active_on: Option<NaiveDate>,
    /// Active today, and without a decree in force on this day or some day before it.
    pub expires_before: Option<NaiveDate>,
    /// The user or client that recorded the current version.
    #[param(min_length = 1, max_length = 100, example = "kasi.pmd")]
    pub recorded_by: Option<String>,
    /// Recorded or changed at this instant or later.
    pub changed_since: Option<DateTime<Utc>>,
    /// Whether another institution of the same village and kind may be the same one (`suspected_double_of`).
    pub suspected: Option<bool>,
    /// Default: `current`.
    #[param(inline)]
    pub state: Option<RecordState>,
    /// Default: `village_code`.
    #[param(inline)]
    pub sort: Option<InstitutionSort>,
}

/// The order of a list; `-` in front reverses it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub enum InstitutionSort {
    #[default]
    #[serde(rename = "village_code")]
    VillageCode,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDescending,
}

impl Resource for Institution {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/institutions/{}", self.id)
    }
}

impl Patchable for NewInstitution {
    const FIXED: &'static [&'static str] = &["id"];

    fn example() -> Value {
        json!({"name": "RT 001", "reason": "Penomoran baru"})
    }
}

impl TryFrom<Whole> for Institution {
    type Error = Error;

    fn try_from(whole: Whole) -> Result<Self, Error> {
        let deletion = Deletion::of(institution::Entity::version_info(&whole.row));
        let villages = whole.villages().into_iter().map(InstitutionVillage::try_from);
        let villages = villages.collect::<Result<_, _>>()?;
        let Whole {
            row,
            decrees,
            former: _,
        } = whole;
        let institution::Model {
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
            village_from: _,
            kind,
            name,
            form: _,
            likeness: _,
            part_of: _,
        } = row;
        Ok(Self {
            id,
            village_code: VillageCode::try_from(village_code).or_internal()?,
            kind: Slug::try_from(kind).or_internal()?,
            name,
            villages,
            decrees: decrees.into_iter().map(InstitutionDecree::from).collect(),
            recorded_at,
            recorded_by,
            suspected_double_of: None,
            deletion,
            warnings: Vec::new(),
        })
    }
}

impl TryFrom<Belonging> for InstitutionVillage {
    type Error = Error;

    fn try_from(village: Belonging) -> Result<Self, Error> {
        let Belonging { village_code, from } = village;
        Ok(Self {
            village_code: VillageCode::try_from(village_code).or_internal()?,
            from,
        })
    }
}

impl NewInstitution {
    /// Returns the form to which a patch is applied: the content of a request that would create this institution.
    pub fn of(whole: &Whole) -> Result<Self, Error> {
        Ok(Self {
            id: None,
            village_code: VillageCode::try_from(whole.row.village_code.clone()).or_internal()?,
            kind: Slug::try_from(whole.row.kind.clone()).or_internal()?,
            name: whole.row.name.clone(),
            decrees: whole.decrees.iter().map(NewInstitutionDecree::of).collect(),
        })
    }
}

/// Returns one entry of the history.
pub fn version(whole: Whole) -> Result<InstitutionVersion, Error> {
    Ok(Version::new(
        institution::Entity::version_info(&whole.row),
        whole.try_into()?,
    ))
}
