//! The agreement of a target, as a realisation shows it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use ::entity::agreement;

use crate::plan::agreements::dto::AgreementKind;

/// The performance agreement (Perjanjian Kinerja) that promises the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TargetAgreement {
    pub id: Uuid,
    #[schema(max_length = 200, example = "100.3/01/PK/CPAR/2025")]
    pub number: String,
    #[schema(example = "2025-01-15")]
    pub signed_on: NaiveDate,
    pub kind: AgreementKind,
}

impl From<&agreement::Model> for TargetAgreement {
    fn from(row: &agreement::Model) -> Self {
        Self {
            id: row.id,
            number: row.number.clone(),
            signed_on: row.signed_on,
            kind: AgreementKind::of(row),
        }
    }
}
