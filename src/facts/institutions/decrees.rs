//! The rules of an institution's decrees: identity and dates.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, Utc};
use uuid::Uuid;

use ::entity::institution_decree;

use super::decree_dto::NewInstitutionDecree;
use super::query;
use crate::platform::db::WriteTx;
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::fingerprint;
use crate::platform::time::{has_begun, in_the_future};

pub const MOST_DECREES: usize = 50;
/// A date outside these years is a typing mistake.
pub const YEARS: RangeInclusive<i32> = 1900..=2200;

/// Returns whether the same request recorded this decree before. 409 when its id has other content, or when the decree
/// was removed since.
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
    if fingerprint::canonical_digest(&NewInstitutionDecree::of(&first))? != fingerprint::canonical_digest(decree)? {
        return Err(Error::new(Code::IdConflict).at("#/id"));
    }
    if now.iter().all(|d| d.id != id) {
        return Err(Error::new(Code::Deleted).at("#/id"));
    }
    Ok(true)
}

/// The rules of the decrees of every institution, new or corrected. `now` is unknown if the district is unknown.
pub fn validate_all(now: Option<DateTime<Utc>>, decrees: &[NewInstitutionDecree]) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let mut ids = HashSet::new();
    for (i, decree) in decrees.iter().enumerate() {
        let pointer = format!("#/decrees/{i}");
        validate(&mut errors, now, decree, &pointer);
        errors.check(decree.id.is_none_or(|id| ids.insert(id)), || {
            Error::rule(
                &format!("{pointer}/id"),
                "Dua keputusan memakai id yang sama.",
                "Two decrees have the same id.",
            )
        });
    }
    errors
}

/// The rules of a renewal. `count`: the number of decrees that the institution has.
pub fn validate_renewal(now: DateTime<Utc>, count: usize, decree: &NewInstitutionDecree) -> FieldErrors {
    let mut errors = FieldErrors::default();
    validate(&mut errors, Some(now), decree, "#");
    errors.check(count < MOST_DECREES, || {
        Error::rule(
            "#",
            format!("Paling banyak {MOST_DECREES} keputusan per lembaga."),
            format!("At most {MOST_DECREES} decrees per institution."),
        )
    });
    errors
}

/// The rules of one decree that is corrected.
pub fn validate_one(now: DateTime<Utc>, decree: &NewInstitutionDecree) -> FieldErrors {
    let mut errors = FieldErrors::default();
    validate(&mut errors, Some(now), decree, "#");
    errors
}

fn validate(errors: &mut FieldErrors, now: Option<DateTime<Utc>>, decree: &NewInstitutionDecree, pointer: &str) {
    let at = |field: &str| format!("{pointer}/{field}");
    let has_begun = now.is_none_or(|now| has_begun(now, decree.issued_on));
    errors.check(has_begun, || in_the_future(&at("issued_on")));
    let last_day = decree.term().last_day();
    errors.check(last_day >= decree.starts_on, || {
        Error::rule(
            &at("ends_on"),
            "Masa bakti berakhir sebelum dimulai.",
            "The term ends before it starts.",
        )
    });
    errors.check(decree.revoked_on.is_none_or(|day| day >= decree.issued_on), || {
        Error::rule(
            &at("revoked_on"),
            "Keputusan dicabut sebelum ditetapkan.",
            "The decree is revoked before it is issued.",
        )
    });
    let dates = [
        ("issued_on", Some(decree.issued_on)),
        ("starts_on", Some(decree.starts_on)),
        ("ends_on", Some(last_day)),
        ("revoked_on", decree.revoked_on),
    ];
    for (field, date) in dates {
        errors.check(date.is_none_or(|d| YEARS.contains(&d.year())), || {
            Error::rule(
                &at(field),
                "Tahun harus antara 1900 dan 2200.",
                "The year must lie between 1900 and 2200.",
            )
        });
    }
}
