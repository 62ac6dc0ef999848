//! The rules of an institution, without a database.

use ::entity::{institution_kind, village};

use super::decrees;
use super::dto::NewInstitution;
use crate::places::villages::reference::require_desa;
use crate::platform::db::Stamp;
use crate::platform::error::{Error, FieldErrors};

/// The records that an institution refers to, as [`super::service`] found it.
#[derive(Debug)]
pub struct Place {
    /// `None`: the village's district is unknown.
    pub stamp: Option<Stamp>,
    pub village: Option<village::Model>,
    pub kind: Option<institution_kind::Model>,
}

/// The rules of every institution, new or corrected.
pub fn validate(place: &Place, new: &NewInstitution) -> FieldErrors {
    let mut errors = FieldErrors::default();
    require_desa(&mut errors, place.village.as_ref(), &new.village_code);
    errors.check(place.kind.is_some(), || Error::unknown_reference("#/kind", &new.kind));
    errors.extend(decrees::validate_all(place.stamp.map(|stamp| stamp.at), &new.decrees));
    errors
}

/// Returns a name without the differences that do not distinguish two names: case and white space. "RT  01" and
/// "rt 01" are one name: counted twice, they would make a wrong digit.
pub fn plain_name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
