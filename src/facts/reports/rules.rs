//! The rules of a report, without a database.

use chrono::NaiveDate;

use ::entity::village;

use super::dto::NewReport;
use crate::core::obligation::{self, ReportFlag};
use crate::places::villages::reference::{require_desa, require_life, words_of_life};
use crate::platform::db::Stamp;
use crate::platform::error::{Error, FieldErrors};
use crate::platform::time::{has_begun, in_the_future};

/// The records that a report refers to, as [`super::service`] found them.
#[derive(Debug)]
pub struct References {
    /// `None`: the village's district is unknown.
    pub stamp: Option<Stamp>,
    pub village: Option<village::Model>,
    pub kind: Kind,
}

/// The report kind that a report names, for the report's fiscal year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Unknown,
    NotOwed,
    Owed { fiscal_year_offset: i32, due_on: NaiveDate },
}

/// The rules of every report, new or corrected. `before`: what is corrected. What stays as it was is not measured against the
/// village and the kind again, because these may have ended since.
pub fn validate(found: &References, new: &NewReport, before: Option<&NewReport>) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let village = found.village.as_ref();
    require_desa(&mut errors, village, &new.village_code);
    let same_village = before.is_some_and(|before| before.village_code == new.village_code);
    let same_day = before.is_some_and(|before| before.delivered_on == new.delivered_on);
    let same_kind = before.is_some_and(|before| (&before.kind, before.fiscal_year) == (&new.kind, new.fiscal_year));
    if !(same_village && same_day) {
        require_life(&mut errors, village, new.delivered_on, "#/delivered_on");
    }
    if !same_kind {
        require_owed(&mut errors, found.kind, new);
    }
    if !(same_village && same_kind) {
        require_due_in_life(&mut errors, village, found.kind, new);
    }
    let is_past = found.stamp.is_none_or(|stamp| has_begun(stamp.at, new.delivered_on));
    errors.check(is_past, || in_the_future("#/delivered_on"));
    errors
}

fn require_owed(errors: &mut FieldErrors, kind: Kind, new: &NewReport) {
    let (code, year) = (&new.kind, new.fiscal_year);
    errors.check(kind != Kind::Unknown, || Error::unknown_reference("#/kind", code));
    errors.check(kind != Kind::NotOwed, || {
        Error::rule(
            "#/fiscal_year",
            format!("Laporan \"{code}\" tidak diwajibkan untuk tahun anggaran {year}."),
            format!("Report \"{code}\" is not owed for the fiscal year {year}."),
        )
    });
}

/// A village owes what falls due from its first day on (DOMAIN section 7), so an earlier report would never count.
fn require_due_in_life(errors: &mut FieldErrors, village: Option<&village::Model>, kind: Kind, new: &NewReport) {
    let (Some(village), Kind::Owed { due_on, .. }) = (village, kind) else {
        return;
    };
    errors.check(village.valid_from.is_none_or(|first| first <= due_on), || {
        let (code, name, life) = (&village.code, &village.name, words_of_life(village));
        let (kind, year) = (&new.kind, new.fiscal_year);
        Error::rule(
            "#/fiscal_year",
            format!(
                "{code} ({name}) ada {}; laporan \"{kind}\" tahun anggaran {year} jatuh tempo {due_on}, sebelum desa ini ada.",
                life.id
            ),
            format!(
                "{code} ({name}) exists {}; the report \"{kind}\" of the fiscal year {year} fell due on {due_on}, before the \
                 village existed.",
                life.en
            ),
        )
    });
}

/// Returns what is implausible in a report that breaks no rule.
pub fn flags(kind: Kind, new: &NewReport) -> Vec<ReportFlag> {
    match kind {
        Kind::Owed { fiscal_year_offset, .. } => {
            obligation::flags(new.fiscal_year, fiscal_year_offset, new.delivered_on)
        }
        Kind::Unknown | Kind::NotOwed => Vec::new(),
    }
}
