//! The rules of an institution, without a database.

use chrono::{Datelike, NaiveDate};

use ::entity::{listed_code, village};

use super::decree_dto::NewInstitutionDecree;
use super::decrees;
use super::dto::NewInstitution;
use super::query::Whole;
use crate::core::civil;
use crate::core::institution::{self, Belonging};
use crate::places::villages::reference::{require_desa, require_life};
use crate::plan::code_lists::query::require;
use crate::platform::db::Stamp;
use crate::platform::error::{Code, Error, FieldErrors};

/// The records that an institution refers to, as [`super::service`] found them.
#[derive(Debug)]
pub struct References {
    /// `None`: the village's district is unknown.
    pub stamp: Option<Stamp>,
    /// The villages to which it belongs, as far as they are known.
    pub villages: Vec<village::Model>,
    pub kind: Option<listed_code::Model>,
}

impl References {
    pub fn village(&self, code: &str) -> Option<&village::Model> {
        self.villages.iter().find(|village| village.code == code)
    }
}

/// The rules of every institution, new or corrected. `villages`: those to which it belongs. `before`: what is corrected; a
/// decree that stays as it was is not checked against the village and the kind again.
pub fn validate(
    found: &References,
    new: &NewInstitution,
    villages: &[Belonging],
    before: Option<&Whole>,
) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let code = &new.village_code;
    require_desa(&mut errors, found.village(code.as_str()), code);
    let (same_kind, same_villages) = before.map_or((false, false), |before| {
        (before.row.kind == new.kind.as_str(), before.villages() == villages)
    });
    let stays = |decree: &NewInstitutionDecree| before.is_some_and(|before| has_decree(before, decree));
    let of_kind = new.decrees.iter().filter(|decree| !(same_kind && stays(decree)));
    let mut years: Vec<i32> = of_kind.map(|decree| decree.starts_on.year()).collect();
    if new.decrees.is_empty() && !same_kind {
        years.extend(found.stamp.map(|stamp| civil::date_of(stamp.at).year()));
    }
    require(&mut errors, found.kind.as_ref(), "#/kind", new.kind.as_str(), years);
    errors.extend(decrees::validate_all(found.stamp.map(|stamp| stamp.at), &new.decrees));
    for (i, decree) in new.decrees.iter().enumerate() {
        if !(same_villages && stays(decree)) {
            require_village_on(
                &mut errors,
                found,
                villages,
                decree.starts_on,
                &format!("#/decrees/{i}/starts_on"),
            );
        }
    }
    errors
}

fn has_decree(before: &Whole, decree: &NewInstitutionDecree) -> bool {
    let same = |old: &&::entity::institution_decree::Model| Some(old.id) == decree.id;
    let old = before.decrees.iter().find(same);
    old.is_some_and(|old| old.starts_on == decree.starts_on)
}

/// A day of an institution must lie within the life of the village to which it belongs on that day.
pub fn require_village_on(
    errors: &mut FieldErrors,
    found: &References,
    villages: &[Belonging],
    day: NaiveDate,
    pointer: &str,
) {
    let village = institution::village_on(villages, day).and_then(|code| found.village(code));
    require_life(errors, village, day, pointer);
}

/// 422 if none of the decrees of a restored institution begins within the life of its village of that day.
pub fn ensure_can_count(found: &References, restored: &Whole) -> Result<(), Error> {
    let villages = restored.villages();
    let mut errors = FieldErrors::default();
    for decree in &restored.decrees {
        let mut of_decree = FieldErrors::default();
        require_village_on(&mut of_decree, found, &villages, decree.starts_on, "#");
        match of_decree.into_result() {
            Ok(()) => return Ok(()),
            Err(fault) => errors.add(fault),
        }
    }
    errors.without_pointers()
}

/// 409 if an institution cannot change its village in a correction: it has counted in that village, or it was transferred.
pub fn ensure_may_correct_village(seen: &Whole, today: NaiveDate) -> Result<(), Error> {
    if seen.former.is_empty() && !has_counted(seen, today) {
        return Ok(());
    }
    let id = seen.row.id;
    Err(Error::new(Code::TransferRequired)
        .detail(
            format!("Pindahkan dengan POST /v1/institutions/{id}/transfers."),
            format!("Transfer it with POST /v1/institutions/{id}/transfers."),
        )
        .at("#/village_code"))
}

/// Returns whether a decree of the institution was in force on some day up to `today`.
pub fn has_counted(seen: &Whole, today: NaiveDate) -> bool {
    let terms = seen
        .decrees
        .iter()
        .map(|decree| NewInstitutionDecree::of(decree).term());
    institution::was_active_by(today, &terms.collect::<Vec<_>>())
}
