//! The rules of an indicator, without a database.

use ::entity::{decree, indicator};

use super::dto::NewIndicator;
use crate::core::formula::Unit;
use crate::platform::error::{Code, Error, FieldErrors};

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
    match new.formula.read() {
        Ok(formula) => errors.check(new.unit == formula.unit(), || wrong_unit(formula.unit())),
        Err(broken) => errors.extend(broken),
    }
    errors
}

/// A row of an indicator with its decree.
pub type Row = (indicator::Model, decree::Model);

/// 409 when another indicator has the number in a year that this row governs. `rows`: all rows of the district, by code and
/// first year.
pub fn ensure_own_number(rows: &[Row], own: &indicator::Model, decree: &decree::Model) -> Result<(), Error> {
    let same_code = |(row, _): &&Row| row.code == own.code;
    let later = rows.iter().filter(same_code).map(|(row, _)| row.from_year);
    let next = later.filter(|year| *year > own.from_year).min();
    let last = next.map_or(decree.last_year, |year| decree.last_year.min(year - 1));
    for of_code in rows.chunk_by(|(a, _), (b, _)| a.code == b.code) {
        let taken = (own.from_year..=last).find(|year| {
            let governing = of_code.iter().rev().find(|(row, _)| row.from_year <= *year);
            governing.is_some_and(|(row, decree)| row.number == own.number && *year <= decree.last_year)
        });
        let code = of_code.first().map(|(row, _)| &row.code);
        if let (Some(year), Some(code)) = (taken, code.filter(|code| **code != own.code)) {
            let number = own.number;
            return Err(Error::new(Code::Conflict).detail(
                format!("Nomor {number} pada {year} sudah dipakai {code}."),
                format!("In {year}, {code} has the number {number}."),
            ));
        }
    }
    Ok(())
}

fn wrong_unit(unit: Unit) -> Error {
    Error::rule(
        "#/unit",
        format!("Formula ini menghasilkan {}.", unit_in_indonesian(unit)),
        format!("This formula computes {}.", unit.as_str()),
    )
}

fn unit_in_indonesian(unit: Unit) -> &'static str {
    match unit {
        Unit::Index => "indeks (index)",
        Unit::Count => "jumlah (count)",
        Unit::Percent => "persen (percent)",
    }
}
