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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_indicator_begins_in_the_years_of_its_decree_and_has_the_unit_of_its_formula() {
        let decree = decree::Model {
            first_year: 2023,
            last_year: 2026,
            ..Default::default()
        };
        let new = |unit: &str| -> NewIndicator {
            let body = json!({
                "code": "x", "decree_id": Uuid::nil(), "number": 6, "objective": "x", "name": "x", "meaning": "x",
                "selection_reason": "x", "formula_text": "x", "reference": "x", "responsible": "x", "source": "x",
                "unit": unit, "polarity": "higher_is_better", "formula": {"kind": "institution_count"},
            });
            serde_json::from_value(body).unwrap()
        };
        for (decree, unit, faults) in [
            (Some((&decree, 2026)), "count", &[][..]),
            (
                Some((&decree, 2027)),
                "percent",
                &["#/from_year rule_broken", "#/unit rule_broken"],
            ),
            (None, "index", &["#/decree_id unknown_reference", "#/unit rule_broken"]),
        ] {
            assert_eq!(validate(decree, &new(unit)).fields(), faults);
        }
    }
}
