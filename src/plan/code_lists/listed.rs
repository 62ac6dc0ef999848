//! Codes of a list in requests and responses: institution kinds, case categories, services.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use ::entity::listed_code;

use super::list::CodeList;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{ETag, Page, PatchOf, Patchable, Resource, Slug, Version};

/// A code to add to a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"code": "linmas", "name": "Satuan Perlindungan Masyarakat (Linmas)"}))]
pub struct NewListedCode {
    #[schema(example = "linmas")]
    pub code: Slug,
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "Satuan Perlindungan Masyarakat (Linmas)"
    )]
    pub name: String,
    /// The last year of the facts that may have it; absent: no end. A code that came with the service has no end.
    #[schema(minimum = 2000, maximum = 2100, example = 2030)]
    pub valid_to_year: Option<i32>,
}

/// A code of a list, and its name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedCode {
    #[serde(skip)]
    #[schema(ignore)]
    pub list: CodeList,
    #[schema(example = "karang-taruna")]
    pub code: Slug,
    #[schema(max_length = 200, example = "Karang Taruna")]
    pub name: String,
    /// The last year of the facts that may have it; null: no end.
    #[schema(required, minimum = 2000, maximum = 2100)]
    pub valid_to_year: Option<i32>,
    /// Whether it came with the service. Such a code can be renamed, and cannot end.
    pub shipped: bool,
    /// The instant at which this version was recorded; 1970-01-01 for data that comes with the service.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "iku")]
    pub recorded_by: String,
}

pub type ListedCodePatch = PatchOf<NewListedCode>;
pub type ListedCodePage = Page<ListedCode>;
pub type ListedCodeVersion = Version<ListedCode>;
pub type ListedCodeVersionPage = Page<ListedCodeVersion>;

impl Resource for ListedCode {
    fn etag(&self) -> ETag {
        ETag::at(self.recorded_at)
    }

    fn location(&self) -> String {
        format!("/v1/{}/{}", self.list, self.code)
    }
}

impl Patchable for NewListedCode {
    const FIXED: &'static [&'static str] = &["code"];

    fn example() -> Value {
        json!({"name": "Nama menurut Perda", "reason": "Perda 3/2026"})
    }
}

impl TryFrom<listed_code::Model> for ListedCode {
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
            code: Slug::try_from(code).or_internal()?,
            name,
            valid_to_year,
            shipped,
            recorded_at,
            recorded_by,
        })
    }
}

impl From<NewListedCode> for super::service::Content {
    fn from(new: NewListedCode) -> Self {
        let NewListedCode {
            code,
            name,
            valid_to_year,
        } = new;
        Self {
            code: code.into(),
            name,
            valid_to_year,
        }
    }
}

impl TryFrom<&listed_code::Model> for NewListedCode {
    type Error = Error;

    fn try_from(row: &listed_code::Model) -> Result<Self, Error> {
        Ok(Self {
            code: Slug::try_from(row.code.clone()).or_internal()?,
            name: row.name.clone(),
            valid_to_year: row.valid_to_year,
        })
    }
}
