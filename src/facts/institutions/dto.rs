//! Institutions in requests and responses.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::{institution, institution_decree};

use crate::core::institution::Term;
use crate::platform::db::Versioned;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{DistrictCode, ETag, Page, PatchOf, Patchable, Resource, Slug, Version, VillageCode};

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
    /// Name or number; unique for its kind in the village.
    #[schema(min_length = 1, max_length = 200, example = "RT 01")]
    pub name: String,
    /// The Keputusan Kepala Desa that established and renewed the institution.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub decrees: Vec<NewInstitutionDecree>,
}

/// A Keputusan Kepala Desa about one institution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"number": "141/12/KPTS-BLG/2025", "issued_on": "2025-06-20", "starts_on": "2025-07-01"}))]
pub struct NewInstitutionDecree {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    /// One decree can name several institutions.
    #[schema(min_length = 1, max_length = 200, example = "141/07/KPTS-BLG/2023")]
    pub number: String,
    /// Not in the future (WITA).
    #[schema(example = "2023-06-20")]
    pub issued_on: NaiveDate,
    /// First day in force.
    #[schema(example = "2023-07-01")]
    pub starts_on: NaiveDate,
    /// Last day in force; absent: the term is five years.
    #[schema(example = "2028-06-30")]
    pub ends_on: Option<NaiveDate>,
    /// First day after a revocation, on which the decree is no longer in force.
    #[schema(example = "2025-01-15")]
    pub revoked_on: Option<NaiveDate>,
}

/// A recorded institution.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Institution {
    pub id: Uuid,
    pub village_code: VillageCode,
    pub kind: Slug,
    #[schema(max_length = 200, example = "RT 01")]
    pub name: String,
    /// In the order in which they were recorded.
    #[schema(max_items = 50)]
    pub decrees: Vec<InstitutionDecree>,
    /// When this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded this version.
    #[schema(max_length = 100, example = "kasi.pmd")]
    pub recorded_by: String,
}

/// A recorded decree of an institution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InstitutionDecree {
    pub id: Uuid,
    #[schema(max_length = 200, example = "141/07/KPTS-BLG/2023")]
    pub number: String,
    #[schema(example = "2023-06-20")]
    pub issued_on: NaiveDate,
    #[schema(example = "2023-07-01")]
    pub starts_on: NaiveDate,
    /// Last day in force, by the decree or else by law.
    #[schema(example = "2028-06-30")]
    pub ends_on: NaiveDate,
    /// First day after a revocation, on which the decree is no longer in force.
    #[schema(required)]
    pub revoked_on: Option<NaiveDate>,
}

pub type InstitutionPatch = PatchOf<NewInstitution>;
pub type InstitutionPage = Page<Institution>;
pub type InstitutionVersion = Version<Institution>;
pub type InstitutionVersionPage = Page<InstitutionVersion>;
pub type InstitutionDecreePage = Page<InstitutionDecree>;

/// Filters and order of a list of institutions.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InstitutionFilter {
    pub district: Option<DistrictCode>,
    pub village: Option<VillageCode>,
    /// Code of the kind of institution.
    #[param(example = "rt")]
    pub kind: Option<Slug>,
    /// Has a decree in force on this day.
    pub active_on: Option<NaiveDate>,
    /// Active today, and without a decree in force on this day or some day before it.
    pub expires_before: Option<NaiveDate>,
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

impl Institution {
    pub fn new(row: institution::Model, decrees: Vec<institution_decree::Model>) -> Result<Self, Error> {
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
            kind,
            name,
        } = row;
        Ok(Self {
            id,
            village_code: VillageCode::try_from(village_code).or_internal()?,
            kind: Slug::try_from(kind).or_internal()?,
            name,
            decrees: decrees.into_iter().map(InstitutionDecree::from).collect(),
            recorded_at,
            recorded_by,
        })
    }
}

impl From<institution_decree::Model> for InstitutionDecree {
    fn from(row: institution_decree::Model) -> Self {
        let institution_decree::Model {
            institution_id: _,
            version: _,
            position: _,
            id,
            number,
            issued_on,
            starts_on,
            ends_on,
            term_given: _,
            revoked_on,
        } = row;
        Self {
            id,
            number,
            issued_on,
            starts_on,
            ends_on,
            revoked_on,
        }
    }
}

impl NewInstitution {
    /// Returns the form to which a patch is applied: the content of a request that would create this institution.
    pub fn of(row: &institution::Model, decrees: &[institution_decree::Model]) -> Result<Self, Error> {
        Ok(Self {
            id: None,
            village_code: VillageCode::try_from(row.village_code.clone()).or_internal()?,
            kind: Slug::try_from(row.kind.clone()).or_internal()?,
            name: row.name.clone(),
            decrees: decrees.iter().map(NewInstitutionDecree::of).collect(),
        })
    }
}

impl NewInstitutionDecree {
    /// Returns the content of the request that recorded this decree.
    pub fn of(row: &institution_decree::Model) -> Self {
        Self {
            id: Some(row.id),
            number: row.number.clone(),
            issued_on: row.issued_on,
            starts_on: row.starts_on,
            ends_on: row.term_given.then_some(row.ends_on),
            revoked_on: row.revoked_on,
        }
    }

    pub fn term(&self) -> Term {
        Term {
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            revoked_on: self.revoked_on,
        }
    }

    /// Returns the row of this decree; [`super::query::append_decrees`] gives it its version.
    pub fn row(self, institution_id: Uuid, position: i32) -> institution_decree::Model {
        let ends_on = self.term().last_day();
        let Self {
            id,
            number,
            issued_on,
            starts_on,
            ends_on: given,
            revoked_on,
        } = self;
        institution_decree::Model {
            institution_id,
            version: 0,
            position,
            id: id.unwrap_or_else(Uuid::new_v4),
            number,
            issued_on,
            starts_on,
            ends_on,
            term_given: given.is_some(),
            revoked_on,
        }
    }
}

/// Returns one entry of the history.
pub fn version(
    (row, decrees): (institution::Model, Vec<institution_decree::Model>),
) -> Result<InstitutionVersion, Error> {
    Ok(Version::new(
        institution::Entity::version_info(&row),
        Institution::new(row, decrees)?,
    ))
}
