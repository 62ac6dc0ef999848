//! Kecamatan, desa and kelurahan with the codes of Kementerian Dalam Negeri.

use serde::Deserialize;

use crate::core::place::VillageKind;

/// A kecamatan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct District {
    /// `63.11.06`
    pub code: String,
    pub name: String,
}

/// A desa or kelurahan. A shipped village has no first and no last day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Village {
    /// `63.11.06.2005`
    pub code: String,
    pub district_code: String,
    pub kind: VillageKind,
    pub name: String,
}
