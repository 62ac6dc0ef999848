//! What the system of a village may do: hand in the reports of its own village, today and as received; hand in again what was
//! returned; and read them. The office decides on everything else.

use std::borrow::Cow;

use chrono::NaiveDate;

use ::entity::report;

use super::dto::{NewReport, ReportFilter};
use crate::access::Actor;
use crate::access::permissions::{Permission, ReportsCheck, ReportsWrite};
use crate::core::obligation::ReportStatus;
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::http::VillageCode;

/// Returns the filter of a list, limited to the own village. 404 for another village.
pub fn narrowed<'a>(actor: &Actor, filter: &'a ReportFilter) -> Result<Cow<'a, ReportFilter>, Error> {
    let Some(own) = actor.only_village() else {
        return Ok(Cow::Borrowed(filter));
    };
    if filter.village_code.as_ref().is_some_and(|asked| asked.as_str() != own) {
        return Err(Error::not_found());
    }
    let own = VillageCode::try_from(own.to_owned()).map_err(|_| Error::not_found())?;
    Ok(Cow::Owned(ReportFilter {
        village_code: Some(own),
        ..filter.clone()
    }))
}

/// 404 for a report of another village.
pub fn ensure_can_see(actor: &Actor, row: &report::Model) -> Result<(), Error> {
    match actor.only_village() {
        Some(own) if own != row.village_code => Err(Error::not_found()),
        _ => Ok(()),
    }
}

/// 422 for a new report of another village.
pub fn ensure_own(actor: &Actor, new: &NewReport) -> Result<(), Error> {
    match actor.only_village() {
        Some(own) if own != new.village_code.as_str() => {
            Err(Error::unknown_reference("#/village_code", &new.village_code))
        }
        _ => Ok(()),
    }
}

/// The rules of a report that is handed in, now or again, with `reports:deliver` alone.
pub fn validate(errors: &mut FieldErrors, actor: &Actor, new: &NewReport, today: NaiveDate) {
    if may_record(actor) || actor.scopes.contains(&ReportsCheck::SCOPE) {
        return;
    }
    errors.check(new.status == ReportStatus::Received, || {
        Error::rule(
            "#/status",
            "Laporan yang diserahkan sistem desa berstatus received; kecamatan yang memeriksanya.",
            "A report that the system of a village hands in is received; the district office checks it.",
        )
    });
    errors.check(new.delivered_on == today, || {
        Error::rule(
            "#/delivered_on",
            format!("Laporan yang diserahkan sistem desa diterima hari ini, {today} (WITA)."),
            format!("A report that the system of a village hands in is received today, {today} (WITA)."),
        )
    });
}

/// 403 for a correction beyond the scopes of the token: with `reports:check` only the status may change, with `reports:deliver`
/// only a returned report can be handed in again.
pub fn ensure_may_correct(actor: &Actor, old: &NewReport, new: &NewReport) -> Result<(), Error> {
    if may_record(actor) {
        return Ok(());
    }
    let checked = NewReport {
        status: new.status,
        ..old.clone()
    };
    if actor.scopes.contains(&ReportsCheck::SCOPE) {
        return match checked == *new {
            true => Ok(()),
            false => Err(Error::new(Code::InsufficientScope).detail(
                "Dengan cakupan reports:check hanya status laporan yang boleh diubah.",
                "With the scope reports:check only the status of a report may change.",
            )),
        };
    }
    let handed_in_again = NewReport {
        delivered_on: new.delivered_on,
        note: new.note.clone(),
        ..checked
    };
    match old.status == ReportStatus::Returned && handed_in_again == *new {
        true => Ok(()),
        false => Err(Error::new(Code::InsufficientScope).detail(
            "Dengan cakupan reports:deliver hanya laporan yang dikembalikan (returned) yang dapat diserahkan lagi: status, delivered_on dan note.",
            "With the scope reports:deliver only a returned report can be handed in again: status, delivered_on and note.",
        )),
    }
}

fn may_record(actor: &Actor) -> bool {
    actor.scopes.contains(&ReportsWrite::SCOPE)
}
