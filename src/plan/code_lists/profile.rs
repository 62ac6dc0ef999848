//! Values of a respondent's profile in requests and responses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use ::entity::listed_code;

use super::list::ProfileList;
use crate::platform::error::Error;
use crate::platform::http::{ETag, Page, PatchOf, Patchable, Resource, Version};

/// A value to add to a list of the questionnaire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"list": "occupation", "code": "pensiunan", "name": "Pensiunan"}))]
pub struct NewProfileValue {
    pub list: ProfileList,
    #[schema(
        pattern = "^[a-z0-9_]{1,64}$",
        min_length = 1,
        max_length = 64,
        example = "pensiunan"
    )]
    pub code: String,
    #[schema(min_length = 1, max_length = 200, example = "Pensiunan")]
    pub name: String,
    /// The last year of the answers that may have it; absent: no end. A value that came with the service has no end.
    #[schema(minimum = 2000, maximum = 2100, example = 2030)]
    pub valid_to_year: Option<i32>,
}

/// A value of a list of the questionnaire, and its name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProfileValue {
    pub list: ProfileList,
    #[schema(max_length = 64, example = "petani_nelayan")]
    pub code: String,
    #[schema(max_length = 200, example = "Petani/nelayan")]
    pub name: String,
    /// The last year of the answers that may have it; null: no end.
    #[schema(required, minimum = 2000, maximum = 2100)]
    pub valid_to_year: Option<i32>,
    /// Whether it came with the service. Such a value can be renamed, and cannot end.
    pub shipped: bool,
    /// The instant at which this version was recorded; 1970-01-01 for data that comes with the service.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "iku")]
    pub recorded_by: String,
}

pub type ProfileValuePatch = PatchOf<NewProfileValue>;
pub type ProfileValuePage = Page<ProfileValue>;
pub type ProfileValueVersion = Version<ProfileValue>;
pub type ProfileValueVersionPage = Page<ProfileValueVersion>;

/// Filter of the list of values.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProfileValueFilter {
    pub list: Option<ProfileList>,
}

/// The list and the code of a value.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ProfileValueKey {
    /// The list of the questionnaire.
    #[param(inline, example = "occupation")]
    pub list: ProfileList,
    /// Code of the value.
    #[param(
        pattern = "^[a-z0-9_]{1,64}$",
        min_length = 1,
        max_length = 64,
        example = "petani_nelayan"
    )]
    pub code: String,
}

impl Resource for ProfileValue {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/profile-values/{}/{}", self.list, self.code)
    }
}

impl Patchable for NewProfileValue {
    const FIXED: &'static [&'static str] = &["list", "code"];

    fn example() -> Value {
        json!({"name": "Petani, pekebun atau nelayan", "reason": "Sebutan pada formulir baru"})
    }
}

impl TryFrom<listed_code::Model> for ProfileValue {
    type Error = Error;

    fn try_from(row: listed_code::Model) -> Result<Self, Error> {
        let listed_code::Model {
            list,
            code,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            position: _,
            name,
            valid_to_year,
            shipped,
        } = row;
        Ok(Self {
            list: list.parse()?,
            code,
            name,
            valid_to_year,
            shipped,
            recorded_at,
            recorded_by,
        })
    }
}

impl From<NewProfileValue> for super::service::Content {
    fn from(new: NewProfileValue) -> Self {
        let NewProfileValue {
            list: _,
            code,
            name,
            valid_to_year,
        } = new;
        Self {
            code,
            name,
            valid_to_year,
        }
    }
}

impl TryFrom<&listed_code::Model> for NewProfileValue {
    type Error = Error;

    fn try_from(row: &listed_code::Model) -> Result<Self, Error> {
        Ok(Self {
            list: row.list.parse()?,
            code: row.code.clone(),
            name: row.name.clone(),
            valid_to_year: row.valid_to_year,
        })
    }
}
