//! Districts in responses.

use serde::Serialize;
use utoipa::ToSchema;

use ::entity::district;

use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{DistrictCode, Page};

/// A kecamatan.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"code": "63.11.06", "name": "Paringin"}))]
pub struct District {
    pub code: DistrictCode,
    #[schema(min_length = 1, max_length = 200, example = "Paringin")]
    pub name: String,
}

pub type DistrictPage = Page<District>;

impl TryFrom<district::Model> for District {
    type Error = Error;

    fn try_from(row: district::Model) -> Result<Self, Error> {
        let district::Model { code, name } = row;
        Ok(Self {
            code: DistrictCode::try_from(code).or_internal()?,
            name,
        })
    }
}
