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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_references_come_with_the_faults_of_decrees() {
        let decree =
            json!({"number": "1", "issued_on": "2024-01-01", "starts_on": "2024-01-01", "ends_on": "2023-01-01"});
        let body = json!({"village_code": "63.11.06.9999", "kind": "rw", "name": "RW 01", "decrees": [decree]});
        let place = Place {
            stamp: None,
            village: None,
            kind: None,
        };
        assert_eq!(
            validate(&place, &serde_json::from_value(body).unwrap()).fields(),
            [
                "#/village_code unknown_reference",
                "#/kind unknown_reference",
                "#/decrees/0/ends_on rule_broken"
            ]
        );
        assert_eq!(plain_name(" RT  01"), plain_name("rt 01"));
    }
}
