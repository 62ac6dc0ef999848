//! The rules of a case and its events, without a database.

use chrono::{DateTime, Datelike, Utc};

use ::entity::{case_category, case_event, public_case, village};

use super::dto::NewCase;
use super::event::NewCaseEvent;
use crate::core::case::{self, CaseStatus};
use crate::core::civil;
use crate::facts::words;
use crate::places::villages::reference::require_village;
use crate::platform::db::Stamp;
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::time::{has_come, in_the_future};

/// A case of an earlier year is a typing mistake.
const FIRST_YEAR: i32 = 2000;

/// The records that a case refers to, as [`super::service`] found it.
#[derive(Debug)]
pub struct Place {
    /// `None`: the village's district is unknown.
    pub stamp: Option<Stamp>,
    pub village: Option<village::Model>,
    pub category: Option<case_category::Model>,
}

/// The rules of every case, new or corrected. `events`: the events of the case.
pub fn validate(place: &Place, new: &NewCase, events: &[case_event::Model]) -> FieldErrors {
    let mut errors = FieldErrors::default();
    require_village(&mut errors, place.village.as_ref(), &new.village_code);
    let unknown_category = || Error::unknown_reference("#/category", &new.category);
    errors.check(place.category.is_some(), unknown_category);
    errors.extend(occurrence_error(place.stamp, new.occurred_at, events));
    errors
}

fn occurrence_error(stamp: Option<Stamp>, at: DateTime<Utc>, events: &[case_event::Model]) -> Option<Error> {
    const POINTER: &str = "#/occurred_at";
    if !stamp.is_none_or(|stamp| has_come(stamp.at, at)) {
        Some(in_the_future(POINTER))
    } else if civil::date_of(at).year() < FIRST_YEAR {
        Some(Error::rule(
            POINTER,
            format!("Kejadian sebelum tahun {FIRST_YEAR} tidak dicatat."),
            format!("Cases before the year {FIRST_YEAR} are not recorded."),
        ))
    } else if events.first().is_some_and(|first| first.at < at) {
        Some(Error::rule(
            POINTER,
            "Kejadian tidak mungkin sesudah tindak lanjutnya yang pertama.",
            "A case cannot have occurred after its first event.",
        ))
    } else {
        None
    }
}

/// Returns the status after an event. 409 when the event is impossible in the case's status.
pub fn status_after(seen: &public_case::Model, event: &NewCaseEvent) -> Result<CaseStatus, Error> {
    let (from, kind) = (seen.status.parse()?, event.kind);
    case::next(from, kind).ok_or_else(|| {
        let (status, becomes) = (words::case_status(from), words::event(kind));
        Error::new(Code::ImpossibleTransition)
            .detail(
                format!("Kasus yang {status} tidak dapat menjadi {becomes}."),
                format!("A case that is {from} cannot become {kind}."),
            )
            .at("#/kind")
    })
}

/// An event has happened: not in the future, not before the case occurred, and not before the previous event.
pub fn validate_event(
    now: DateTime<Utc>,
    seen: &public_case::Model,
    events: &[case_event::Model],
    at: DateTime<Utc>,
) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let at_now = at.min(now);
    if !has_come(now, at) {
        errors.add(in_the_future("#/at"));
    } else if at_now < seen.occurred_at {
        errors.add(Error::rule(
            "#/at",
            "Waktu ini sebelum kejadian.",
            "This time lies before the case occurred.",
        ));
    } else if events.last().is_some_and(|last| at_now < last.at) {
        errors.add(Error::rule(
            "#/at",
            "Waktu ini sebelum tindak lanjut yang terakhir.",
            "This time lies before that of the last event.",
        ));
    }
    errors
}
