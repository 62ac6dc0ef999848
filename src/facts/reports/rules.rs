//! The rules of a report, without a database.

use ::entity::village;

use super::dto::NewReport;
use crate::places::villages::reference::require_desa;
use crate::platform::db::Stamp;
use crate::platform::error::{Error, FieldErrors};
use crate::platform::time::{has_begun, in_the_future};

/// The records that a report refers to, as [`super::service`] found it.
#[derive(Debug)]
pub struct Place {
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
    Owed,
}

/// The rules of every report, new or corrected.
pub fn validate(place: &Place, new: &NewReport) -> FieldErrors {
    let mut errors = FieldErrors::default();
    require_desa(&mut errors, place.village.as_ref(), &new.village_code);
    let (code, year) = (&new.kind, new.fiscal_year);
    errors.check(place.kind != Kind::Unknown, || Error::unknown_reference("#/kind", code));
    errors.check(place.kind != Kind::NotOwed, || {
        Error::rule(
            "#/fiscal_year",
            format!("Laporan \"{code}\" tidak diwajibkan untuk tahun anggaran {year}."),
            format!("Report \"{code}\" is not owed for the fiscal year {year}."),
        )
    });
    let come = place.stamp.is_none_or(|stamp| has_begun(stamp.at, new.delivered_on));
    errors.check(come, || in_the_future("#/delivered_on"));
    errors
}
