//! Villages in requests and responses.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{KnownFormat, SchemaFormat};
use utoipa::{IntoParams, ToSchema};

use ::entity::village::{self, Entity as Villages};

use crate::core::name::{FormerName, Names};
use crate::core::place::{self, VillageKind};
use crate::platform::db::Versioned;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{
    Deletion, DistrictCode, ETag, Page, PatchOf, Patchable, RecordState, Resource, Version, VillageCode, Warning,
};

/// A village to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "code": "63.11.06.2099", "district_code": "63.11.06", "kind": "desa", "name": "Balang Baru", "valid_from": "2027-01-01",
    "reason": "Perda Pemekaran Desa",
}))]
pub struct NewVillage {
    /// Given by Kemendagri; begins with the code of the district.
    pub code: VillageCode,
    pub district_code: DistrictCode,
    pub kind: VillageKind,
    #[schema(min_length = 1, max_length = 200, example = "Balang")]
    pub name: String,
    /// The first day on which it exists; absent: it has always existed.
    #[schema(example = "2027-01-01")]
    pub valid_from: Option<NaiveDate>,
    /// The last day on which it exists; absent: no end is known.
    #[schema(example = "2030-12-31")]
    pub valid_to: Option<NaiveDate>,
    /// Why it is added; stored with the version. Required if it begins in a year that is over: values of that year can move.
    #[schema(min_length = 1, max_length = 300, write_only)]
    pub reason: Option<String>,
}

/// A desa or kelurahan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Village {
    pub code: VillageCode,
    pub district_code: DistrictCode,
    pub kind: VillageKind,
    /// The latest name.
    #[schema(min_length = 1, max_length = 200, example = "Balang")]
    pub name: String,
    /// The names that it had before, in order. Tables of a past year print the name of that year.
    #[schema(max_items = 100)]
    pub former_names: Vec<FormerName>,
    /// The first day on which it exists; null: it has always existed.
    #[schema(required, example = "2027-01-01")]
    pub valid_from: Option<NaiveDate>,
    /// The last day on which it exists; null: no end is known.
    #[schema(required, example = "2030-12-31")]
    pub valid_to: Option<NaiveDate>,
    /// What may be a mistake. It is never a reason to refuse.
    #[schema(max_items = 10)]
    pub flags: Vec<VillageFlag>,
    /// The instant at which this version was recorded; 1970-01-01 for data that comes with the service.
    pub recorded_at: DateTime<Utc>,
    /// The user or client that recorded this version.
    #[schema(max_length = 100, example = "iku")]
    pub recorded_by: String,
    /// Only of a deleted village.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
    /// Only in the response to a change; absent: no value of a period that is over moves.
    #[schema(value_type = Option<Vec<Warning>>, nullable = false, max_items = 10)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// What may be a mistake in a village.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VillageFlag {
    /// Codes of kelurahan have a number that begins with 1, codes of desa have another: code and kind do not fit.
    CodeOfOtherKind,
    /// Another village of the district has the same name at the same time.
    SameName,
}

pub type VillagePatch = PatchOf<NewVillage>;
pub type VillagePage = Page<Village>;
pub type VillageVersion = Version<Village>;
pub type VillageVersionPage = Page<VillageVersion>;

/// Filters and order of a list of villages.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VillageFilter {
    pub district_code: Option<DistrictCode>,
    pub kind: Option<VillageKind>,
    /// Exists on this day (WITA).
    #[param(example = "2025-06-30")]
    pub valid_on: Option<NaiveDate>,
    /// With flags, or without.
    pub flagged: Option<bool>,
    /// The user or client that recorded the current version.
    #[param(min_length = 1, max_length = 100, example = "admin")]
    pub recorded_by: Option<String>,
    /// The current version was recorded (with `state=deleted`: the village was deleted) at this instant or later.
    #[param(example = "2025-06-30T09:00:00+08:00")]
    pub changed_since: Option<DateTime<Utc>>,
    /// Default: `current`.
    #[param(inline)]
    pub state: Option<RecordState>,
    /// Default: `code`.
    #[param(inline)]
    pub sort: Option<VillageSort>,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VillageSort {
    #[default]
    Code,
    Name,
}

impl Resource for Village {
    /// Another village can set and clear a flag, so the tag covers the flags too.
    fn etag(&self) -> ETag {
        match self.flags.contains(&VillageFlag::SameName) {
            false => ETag::at(self.recorded_at),
            true => ETag::of_digest(format!("{:x}f", self.recorded_at.timestamp_micros())),
        }
    }

    fn location(&self) -> String {
        format!("/v1/villages/{}", self.code)
    }
}

impl Patchable for NewVillage {
    const FIXED: &'static [&'static str] = &["code", "district_code", "reason"];

    fn example() -> Value {
        json!({"name": "Balang Hulu", "name_from": "2026-01-01", "reason": "Perda 3/2025"})
    }

    fn adapt(patch: ObjectBuilder) -> ObjectBuilder {
        let name_from = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .description(Some(
                "The first day (WITA) on which it has this name, not in the future; absent: today. Tables of the time before keep the former name. Null: it always had this name, and the recorded one was a mistake in writing.",
            ));
        patch.property("name_from", name_from)
    }
}

impl TryFrom<village::Model> for Village {
    type Error = Error;

    /// Sets the flags of the row itself; [`super::query::with_flags`] adds the flags that other villages cause.
    fn try_from(row: village::Model) -> Result<Self, Error> {
        let deletion = Deletion::of(Villages::version_info(&row));
        let village::Model {
            code,
            version: _,
            recorded_at,
            recorded_by,
            change_reason: _,
            superseded_at: _,
            deleted: _,
            fingerprint: _,
            district_code,
            kind,
            name,
            valid_from,
            valid_to,
            former_names,
        } = row;
        let code = VillageCode::try_from(code).or_internal()?;
        let kind = kind.parse()?;
        let has_other_code = code.is_kelurahan() != (kind == VillageKind::Kelurahan);
        Ok(Self {
            code,
            district_code: DistrictCode::try_from(district_code).or_internal()?,
            kind,
            name,
            former_names: read_names(former_names.as_deref())?,
            valid_from,
            valid_to,
            flags: has_other_code
                .then_some(VillageFlag::CodeOfOtherKind)
                .into_iter()
                .collect(),
            recorded_at,
            recorded_by,
            deletion,
            warnings: Vec::new(),
        })
    }
}

/// Reads the column of the former names.
pub fn read_names(column: Option<&str>) -> Result<Vec<FormerName>, Error> {
    column.map_or(Ok(Vec::new()), |json| serde_json::from_str(json).or_internal())
}

impl Village {
    /// Returns the form to which a patch is applied: the content of a request that would create this village.
    pub fn as_new(&self) -> NewVillage {
        NewVillage {
            code: self.code.clone(),
            district_code: self.district_code.clone(),
            kind: self.kind,
            name: self.name.clone(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            reason: None,
        }
    }

    pub fn names(&self) -> Names {
        Names {
            latest: self.name.clone(),
            former: self.former_names.clone(),
        }
    }
}

impl NewVillage {
    /// Returns the village as far as the formulas need it.
    pub fn counted(&self) -> place::Village {
        place::Village {
            code: self.code.to_string(),
            kind: self.kind,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}
