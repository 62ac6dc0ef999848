//! Performance agreements in requests and responses.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use ::entity::agreement::{self, Entity as Agreements};

use crate::core::closed_list::closed_list;
use crate::platform::db::Versioned;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{Deletion, DistrictCode, ETag, Page, PatchOf, Patchable, RecordState, Resource, Version};

/// Whether an agreement is the first of its kind in the year, or revises one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementKind {
    /// Signed at the beginning of the year.
    Murni,
    /// PK Perubahan: it replaces an earlier agreement of the year.
    Perubahan,
}
closed_list!(AgreementKind { Murni "murni", Perubahan "perubahan" });

impl AgreementKind {
    pub fn of(row: &agreement::Model) -> Self {
        match row.revises {
            None => Self::Murni,
            Some(_) => Self::Perubahan,
        }
    }
}

/// A party of an agreement: who signs, and for which office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreementParty {
    #[schema(min_length = 1, max_length = 200, example = "H. Ahmad Rifani, S.Sos.")]
    pub name: String,
    #[schema(min_length = 1, max_length = 200, example = "Camat Paringin")]
    pub office: String,
}

/// An agreement to record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4f01", "district_code": "63.11.06", "fiscal_year": 2025,
    "number": "100.3/01/PK/CPAR/2025", "signed_on": "2025-01-15",
    "first_party": {"name": "H. Ahmad Rifani, S.Sos.", "office": "Camat Paringin"},
    "second_party": {"name": "H. Abdul Hadi", "office": "Bupati Balangan"},
}))]
pub struct NewAgreement {
    /// Made by the caller, so that a retry is safe; absent: made by the service.
    pub id: Option<Uuid>,
    pub district_code: DistrictCode,
    /// The year whose targets it promises.
    #[schema(minimum = 2000, maximum = 2100, example = 2025)]
    pub fiscal_year: i32,
    /// No two agreements of a district and a year have the same number.
    #[schema(min_length = 1, max_length = 200, example = "100.3/01/PK/CPAR/2025")]
    pub number: String,
    /// Not in the future.
    #[schema(example = "2025-01-15")]
    pub signed_on: NaiveDate,
    /// Pihak pertama: who promises.
    pub first_party: AgreementParty,
    /// Pihak kedua: to whom.
    pub second_party: AgreementParty,
    /// The earlier agreement of the district and the year that this one replaces: it is a PK Perubahan. Absent: it is murni.
    pub revises: Option<Uuid>,
}

/// A recorded agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Agreement {
    pub id: Uuid,
    pub district_code: DistrictCode,
    #[schema(minimum = 2000, maximum = 2100, example = 2025)]
    pub fiscal_year: i32,
    #[schema(max_length = 200, example = "100.3/01/PK/CPAR/2025")]
    pub number: String,
    #[schema(example = "2025-01-15")]
    pub signed_on: NaiveDate,
    /// Pihak pertama: who promises.
    pub first_party: AgreementParty,
    /// Pihak kedua: to whom.
    pub second_party: AgreementParty,
    /// The agreement that this one replaces; null: none.
    #[schema(required)]
    pub revises: Option<Uuid>,
    pub kind: AgreementKind,
    /// The instant at which this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "sekretaris")]
    pub recorded_by: String,
    /// Only of a deleted agreement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
}

pub type AgreementPatch = PatchOf<NewAgreement>;
pub type AgreementPage = Page<Agreement>;
pub type AgreementVersion = Version<Agreement>;
pub type AgreementVersionPage = Page<AgreementVersion>;

/// Filters and order of a list of agreements.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AgreementFilter {
    pub district_code: Option<DistrictCode>,
    /// The year whose targets it promises.
    #[param(minimum = 2000, maximum = 2100, example = 2025)]
    pub fiscal_year: Option<i32>,
    /// Only the agreement with this number.
    #[param(min_length = 1, max_length = 200, example = "100.3/01/PK/CPAR/2025")]
    pub number: Option<String>,
    #[param(inline)]
    pub kind: Option<AgreementKind>,
    /// Only those that replace this agreement.
    #[param(example = "0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4f01")]
    pub revises: Option<Uuid>,
    /// The user or client that recorded the current version.
    #[param(min_length = 1, max_length = 100, example = "sekretaris")]
    pub recorded_by: Option<String>,
    /// Recorded or changed at this instant or later.
    pub changed_since: Option<DateTime<Utc>>,
    /// Default: `current`.
    #[param(inline)]
    pub state: Option<RecordState>,
    /// Default: `fiscal_year`.
    #[param(inline)]
    pub sort: Option<AgreementSort>,
}

/// The order of a list; `-` in front reverses it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub enum AgreementSort {
    /// By year, then by the day of the signature.
    #[default]
    #[serde(rename = "fiscal_year")]
    FiscalYear,
    #[serde(rename = "-fiscal_year")]
    FiscalYearDescending,
}

impl Resource for Agreement {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/agreements/{}", self.id)
    }
}

impl Patchable for NewAgreement {
    // Targets and other agreements refer to these.
    const FIXED: &'static [&'static str] = &["id", "district_code", "fiscal_year", "revises"];

    fn example() -> Value {
        json!({"signed_on": "2025-01-20", "reason": "Tanggal salah ketik"})
    }
}

impl TryFrom<agreement::Model> for Agreement {
    type Error = Error;

    fn try_from(row: agreement::Model) -> Result<Self, Error> {
        let kind = AgreementKind::of(&row);
        let deletion = Deletion::of(Agreements::version_info(&row));
        let agreement::Model {
            id,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code,
            fiscal_year,
            number,
            signed_on,
            first_party_name,
            first_party_office,
            second_party_name,
            second_party_office,
            revises,
        } = row;
        Ok(Self {
            id,
            district_code: DistrictCode::try_from(district_code).or_internal()?,
            fiscal_year,
            number,
            signed_on,
            first_party: AgreementParty {
                name: first_party_name,
                office: first_party_office,
            },
            second_party: AgreementParty {
                name: second_party_name,
                office: second_party_office,
            },
            revises,
            kind,
            recorded_at,
            recorded_by,
            deletion,
        })
    }
}

impl Agreement {
    /// Returns the form to which a patch is applied: the content of a request that would create this agreement.
    pub fn as_new(&self) -> NewAgreement {
        NewAgreement {
            id: None,
            district_code: self.district_code.clone(),
            fiscal_year: self.fiscal_year,
            number: self.number.clone(),
            signed_on: self.signed_on,
            first_party: self.first_party.clone(),
            second_party: self.second_party.clone(),
            revises: self.revises,
        }
    }
}
