//! The decrees of an institution in requests and responses.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use ::entity::institution_decree;

use crate::core::institution::Term;
use crate::platform::http::{Page, PatchOf, Patchable};

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

pub type InstitutionDecreePatch = PatchOf<NewInstitutionDecree>;
pub type InstitutionDecreePage = Page<InstitutionDecree>;

impl Patchable for NewInstitutionDecree {
    const FIXED: &'static [&'static str] = &["id"];

    fn example() -> Value {
        json!({"revoked_on": "2025-01-15", "reason": "Dicabut dengan Keputusan Kepala Desa"})
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

    /// Returns the row of this decree; [`super::query::append_parts`] gives it its version.
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
