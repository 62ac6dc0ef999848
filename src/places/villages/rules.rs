//! The rules of villages, without a database.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use super::dto::NewVillage;
use crate::core::name::Names;
use crate::places::structure::Effect;
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::time::in_the_future;

/// The most names that a village can have had before.
const MOST_FORMER_NAMES: usize = 100;

/// The rules of every village, new or corrected. Kemendagri numbers a village within its district.
pub fn validate(new: &NewVillage) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let (code, district) = (&new.code, &new.district_code);
    errors.check(code.district() == district.as_str(), || {
        Error::rule(
            "#/code",
            format!("Kode {code} tidak diawali kode kecamatan {district}."),
            format!("The code {code} does not begin with the district's code {district}."),
        )
    });
    let reversed = new
        .valid_from
        .zip(new.valid_to)
        .is_some_and(|(first, last)| last < first);
    errors.check(!reversed, || {
        Error::rule(
            "#/valid_to",
            "Hari terakhir mendahului hari pertama.",
            "The last day is before the first.",
        )
    });
    errors
}

/// Returns the days that a change of a village names: `None` if its life and its kind stay. Adding and deleting a village name
/// its whole life.
pub fn effect(before: Option<&NewVillage>, after: Option<&NewVillage>) -> Option<Effect> {
    let (Some(old), Some(new)) = (before, after) else {
        return before.or(after).map(life);
    };
    let begins = (old.valid_from != new.valid_from).then(|| Effect {
        // null is the earliest
        from: old.valid_from.min(new.valid_from),
        until: old.valid_from.max(new.valid_from),
    });
    let ends = (old.valid_to != new.valid_to).then(|| Effect {
        // null is the latest
        from: earlier(old.valid_to, new.valid_to),
        until: old.valid_to.zip(new.valid_to).and_then(|(a, b)| a.max(b).succ_opt()),
    });
    let kind = (old.kind != new.kind).then(|| life(old));
    [begins, ends, kind].into_iter().flatten().reduce(both)
}

/// The days on which a village exists.
fn life(village: &NewVillage) -> Effect {
    Effect {
        from: village.valid_from,
        until: village.valid_to.and_then(|last| last.succ_opt()),
    }
}

/// The days from the first of two effects to the end of both.
fn both(one: Effect, other: Effect) -> Effect {
    Effect {
        from: one.from.min(other.from),
        until: one.until.zip(other.until).map(|(a, b)| a.max(b)),
    }
}

fn earlier(a: Option<NaiveDate>, b: Option<NaiveDate>) -> Option<NaiveDate> {
    a.into_iter().chain(b).min()
}

/// Returns the names after a change on this day. `from` is the patch's `name_from`: absent means today, null means always.
pub fn rename(
    before: &Names,
    new: &NewVillage,
    from: Option<Value>,
    reason: Option<&str>,
    today: NaiveDate,
) -> Result<Names, Error> {
    let from = match from {
        None if new.name == before.latest => return Ok(before.clone()),
        None => Some(today),
        Some(named) => serde_json::from_value::<Option<NaiveDate>>(named).map_err(|_| {
            Error::rule(
                "#/name_from",
                "Tanggal ini tidak ada dalam penanggalan.",
                "The calendar has no such day.",
            )
        })?,
    };
    if from.is_some_and(|day| day > today) {
        return Err(in_the_future("#/name_from"));
    }
    let names = before.renamed(&new.name, from).since(new.valid_from);
    if names.former.len() > MOST_FORMER_NAMES {
        return Err(Error::rule(
            "#/name",
            format!("Desa ini sudah berganti nama {MOST_FORMER_NAMES} kali."),
            format!("The village has had {MOST_FORMER_NAMES} names before."),
        ));
    }
    // Tables of a year that is over print another name.
    let first = from.max(new.valid_from);
    let in_ended_year = first.is_none_or(|day| day.year() < today.year());
    if names != *before && in_ended_year && reason.is_none() {
        return Err(Error::new(Code::ReasonRequired).at("#/reason"));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn village(code: &str, valid_from: &str, valid_to: Option<&str>) -> NewVillage {
        let body = json!({
            "code": code, "district_code": "63.11.06", "kind": "desa", "name": "Balang",
            "valid_from": valid_from, "valid_to": valid_to,
        });
        serde_json::from_value(body).unwrap()
    }

    fn day(text: &str) -> Option<NaiveDate> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_village_is_numbered_in_its_district_and_ends_after_it_begins() {
        let of = |code: &str, valid_to: &str| validate(&village(code, "2025-01-01", Some(valid_to)));
        assert_eq!(of("63.11.06.2005", "2025-01-01").fields(), [""; 0]);
        assert_eq!(
            of("63.11.01.2005", "2024-12-31").fields(),
            ["#/code rule_broken", "#/valid_to rule_broken"]
        );
    }

    #[test]
    fn an_effect_spans_the_days_that_a_change_names() {
        let of = |valid_from: &str, valid_to| village("63.11.06.2005", valid_from, valid_to);
        let old = of("2024-03-01", None);
        let spans = |new: &NewVillage| effect(Some(&old), Some(new)).map(|e| (e.from, e.until));
        assert_eq!(spans(&old), None);
        let (earlier, later) = (of("2024-01-01", None), of("2025-01-01", None));
        assert_eq!(spans(&earlier), Some((day("2024-01-01"), day("2024-03-01"))));
        assert_eq!(spans(&later), Some((day("2024-03-01"), day("2025-01-01"))));
        let ended = of("2024-03-01", Some("2025-12-31"));
        assert_eq!(spans(&ended), Some((day("2025-12-31"), None)));
        let both = of("2024-01-01", Some("2025-12-31"));
        assert_eq!(spans(&both), Some((day("2024-01-01"), None)));
        let added = effect(None, Some(&ended)).map(|e| (e.from, e.until));
        assert_eq!(added, Some((day("2024-03-01"), day("2026-01-01"))));
    }
}
