//! The rules of an institution's decrees: dates, identity, and that each version carries its own.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use chrono::Datelike;
use uuid::Uuid;

use ::entity::institution_decree;

use super::dto::NewInstitutionDecree;
use super::query;
use crate::platform::db::{Stamp, WriteTx};
use crate::platform::error::{Code, Error, Rules};
use crate::platform::fingerprint;
use crate::platform::time::must_not_be_after;

const MOST_DECREES: usize = 50;
/// Dates beyond are slips of the pen.
const YEARS: RangeInclusive<i32> = 1900..=2200;

/// The same decrees as part of another version.
pub fn of_version(mut decrees: Vec<institution_decree::Model>, version: i32) -> Vec<institution_decree::Model> {
    for decree in &mut decrees {
        decree.version = version;
    }
    decrees
}

/// Was this decree recorded here before by the same request? 409 when its id says something else, or when the decree
/// was taken away since.
pub async fn is_retry(
    tx: &WriteTx,
    now: &[institution_decree::Model],
    institution: Uuid,
    decree: &NewInstitutionDecree,
) -> Result<bool, Error> {
    let Some(id) = decree.id else { return Ok(false) };
    let Some(first) = query::first_form(tx, institution, id).await? else {
        return Ok(false);
    };
    if fingerprint::of(&NewInstitutionDecree::of(&first))? != fingerprint::of(decree)? {
        return Err(Error::new(Code::IdConflict).at("#/id"));
    }
    if now.iter().all(|d| d.id != id) {
        return Err(Error::new(Code::Deleted).at("#/id"));
    }
    Ok(true)
}

/// What holds for the decrees of every institution, new or corrected.
pub fn check_all(stamp: Stamp, decrees: &[NewInstitutionDecree], rules: &mut Rules) -> Result<(), Error> {
    let mut ids = HashSet::new();
    for (i, decree) in decrees.iter().enumerate() {
        let pointer = format!("#/decrees/{i}");
        check(stamp, decree, &pointer, rules)?;
        if decree.id.is_some_and(|id| !ids.insert(id)) {
            rules.add(Error::rule(
                &format!("{pointer}/id"),
                "Dua keputusan memakai id yang sama.",
                "Two decrees have the same id.",
            ));
        }
    }
    Ok(())
}

/// What holds for a renewal of an institution that has `already` so many decrees.
pub fn check_one_more(stamp: Stamp, already: usize, decree: &NewInstitutionDecree) -> Result<(), Error> {
    let mut rules = Rules::default();
    check(stamp, decree, "#", &mut rules)?;
    if already >= MOST_DECREES {
        rules.add(Error::rule(
            "#",
            format!("Paling banyak {MOST_DECREES} keputusan per lembaga."),
            format!("At most {MOST_DECREES} decrees per institution."),
        ));
    }
    rules.end()
}

fn check(stamp: Stamp, decree: &NewInstitutionDecree, pointer: &str, rules: &mut Rules) -> Result<(), Error> {
    let issued_on = format!("{pointer}/issued_on");
    rules.hold(must_not_be_after(stamp.at, decree.issued_on, &issued_on))?;
    let last_day = decree.term().last_day();
    if last_day < decree.starts_on {
        rules.add(Error::rule(
            &format!("{pointer}/ends_on"),
            "Masa bakti berakhir sebelum dimulai.",
            "The term ends before it starts.",
        ));
    }
    if decree.revoked_on.is_some_and(|day| day < decree.issued_on) {
        rules.add(Error::rule(
            &format!("{pointer}/revoked_on"),
            "Keputusan dicabut sebelum ditetapkan.",
            "The decree is revoked before it is issued.",
        ));
    }
    let dates = [
        ("issued_on", Some(decree.issued_on)),
        ("starts_on", Some(decree.starts_on)),
        ("ends_on", Some(last_day)),
        ("revoked_on", decree.revoked_on),
    ];
    for (name, date) in dates {
        if date.is_some_and(|d| !YEARS.contains(&d.year())) {
            rules.add(Error::rule(
                &format!("{pointer}/{name}"),
                "Tahun harus antara 1900 dan 2200.",
                "The year must lie between 1900 and 2200.",
            ));
        }
    }
    Ok(())
}
