//! The rules of a report, without a database.

use ::entity::village;

use super::dto::NewReport;
use crate::core::obligation::{self, ReportFlag};
use crate::places::villages::reference::{require_desa, require_life};
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
    Owed { fiscal_year_offset: i32 },
}

/// The rules of every report, new or corrected.
pub fn validate(found: &References, new: &NewReport) -> FieldErrors {
    let mut errors = FieldErrors::default();
    require_desa(&mut errors, found.village.as_ref(), &new.village_code);
    require_life(&mut errors, found.village.as_ref(), new.delivered_on, "#/delivered_on");
    let (code, year) = (&new.kind, new.fiscal_year);
    errors.check(found.kind != Kind::Unknown, || Error::unknown_reference("#/kind", code));
    errors.check(found.kind != Kind::NotOwed, || {
        Error::rule(
            "#/fiscal_year",
            format!("Laporan \"{code}\" tidak diwajibkan untuk tahun anggaran {year}."),
            format!("Report \"{code}\" is not owed for the fiscal year {year}."),
        )
    });
    let is_past = found.stamp.is_none_or(|stamp| has_begun(stamp.at, new.delivered_on));
    errors.check(is_past, || in_the_future("#/delivered_on"));
    errors
}

/// Returns what is implausible in a report that breaks no rule.
pub fn flags(kind: Kind, new: &NewReport) -> Vec<ReportFlag> {
    match kind {
        Kind::Owed { fiscal_year_offset } => obligation::flags(new.fiscal_year, fiscal_year_offset, new.delivered_on),
        Kind::Unknown | Kind::NotOwed => Vec::new(),
    }
}
