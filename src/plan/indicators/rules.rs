//! The rules of an indicator, without a database.

use ::entity::decree;

use super::dto::NewIndicator;
use crate::core::formula::Unit;
use crate::platform::error::{Error, FieldErrors};

/// The rules of every row, new or corrected. `decree`: the decree that the row names, and the row's first year.
pub fn validate(decree: Option<(&decree::Model, i32)>, new: &NewIndicator) -> FieldErrors {
    let mut errors = FieldErrors::default();
    errors.check(decree.is_some(), || {
        Error::unknown_reference("#/decree_id", new.decree_id)
    });
    if let Some((decree, from_year)) = decree {
        let (number, first, last) = (&decree.number, decree.first_year, decree.last_year);
        errors.check((first..=last).contains(&from_year), || {
            Error::rule(
                "#/from_year",
                format!("Keputusan {number} berlaku {first}-{last}."),
                format!("Decree {number} covers {first}-{last}."),
            )
        });
    }
    let unit = new.formula.unit();
    errors.check(new.unit == unit, || {
        Error::rule(
            "#/unit",
            format!("Formula ini menghasilkan {}.", unit_in_indonesian(unit)),
            format!("This formula computes {}.", unit.as_str()),
        )
    });
    errors
}

fn unit_in_indonesian(unit: Unit) -> &'static str {
    match unit {
        Unit::Index => "indeks (index)",
        Unit::Count => "jumlah (count)",
        Unit::Percent => "persen (percent)",
    }
}
