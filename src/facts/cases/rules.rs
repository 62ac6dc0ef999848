//! The rules of a case and its events, without a database.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use ::entity::{listed_code, public_case, village};

use super::dto::NewCase;
use super::event::{MOST, NewCaseEvent};
use crate::core::case::{self, CaseStatus, Event, EventKind, Life};
use crate::core::civil;
use crate::facts::text;
use crate::places::villages::reference::{require_life, require_village};
use crate::plan::code_lists::query;
use crate::platform::db::Stamp;
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::http::Moment;
use crate::platform::time::{has_come, in_the_future};

/// A case of an earlier year is a typing mistake.
const FIRST_YEAR: i32 = 2000;

/// The records that a case refers to, as [`super::service`] found them.
#[derive(Debug)]
pub struct References {
    /// `None`: the place is unknown.
    pub stamp: Option<Stamp>,
    pub village: Option<village::Model>,
    pub category: Option<listed_code::Model>,
}

/// Returns the instant at which a case occurred: the first instant of the day where only the day is known, so that every
/// event of that day may follow.
pub fn instant_of(occurred_at: Moment) -> DateTime<Utc> {
    match occurred_at {
        Moment::Instant(instant) => instant,
        Moment::Day(day) => civil::start_of_day(day),
    }
}

/// The rules of every case, new or corrected. `life`: its events. `before`: what is corrected. What stays as it was is not
/// measured against the village and the category again, because these may have ended since.
pub fn validate(found: &References, new: &NewCase, life: &Life<'_>, before: Option<&NewCase>) -> FieldErrors {
    let mut errors = FieldErrors::default();
    match (&new.village_code, &new.district_code) {
        (Some(code), _) => require_village(&mut errors, found.village.as_ref(), code),
        (None, Some(district)) => errors.check(found.stamp.is_some(), || {
            Error::unknown_reference("#/district_code", district)
        }),
        (None, None) => errors.add(Error::rule(
            "#/village_code",
            "Sebut desanya, atau isi district_code jika desanya tidak diketahui.",
            "Name the village, or send district_code if the village is not known.",
        )),
    }
    let day = day_of(new);
    let same_day = before.is_some_and(|before| day_of(before) == day);
    let same_village = before.is_some_and(|before| before.village_code == new.village_code);
    let has_category = |before: &NewCase| before.category == new.category && day_of(before).year() == day.year();
    if !before.is_some_and(has_category) {
        let category = new.category.as_str();
        query::require(
            &mut errors,
            found.category.as_ref(),
            "#/category",
            category,
            [day.year()],
        );
    }
    match occurrence_fault(found.stamp, new.occurred_at, life) {
        Some(fault) => errors.add(fault),
        None if same_day && same_village => {}
        None => require_life(&mut errors, found.village.as_ref(), day, OCCURRED_AT),
    }
    errors
}

/// A case that is restored must lie within the life of its village.
pub fn validate_restored(village: Option<&village::Model>, case: &NewCase) -> FieldErrors {
    let mut errors = FieldErrors::default();
    require_life(&mut errors, village, day_of(case), OCCURRED_AT);
    errors
}

/// Returns the day (WITA) on which a case occurred.
fn day_of(case: &NewCase) -> NaiveDate {
    civil::date_of(instant_of(case.occurred_at))
}

const OCCURRED_AT: &str = "#/occurred_at";

fn occurrence_fault(stamp: Option<Stamp>, occurred_at: Moment, life: &Life<'_>) -> Option<Error> {
    let at = instant_of(occurred_at);
    if !stamp.is_none_or(|stamp| has_come(stamp.at, at)) {
        Some(in_the_future(OCCURRED_AT))
    } else if civil::date_of(at).year() < FIRST_YEAR {
        Some(Error::rule(
            OCCURRED_AT,
            format!("Kejadian sebelum tahun {FIRST_YEAR} tidak dicatat."),
            format!("Cases before the year {FIRST_YEAR} are not recorded."),
        ))
    } else if life.bounds().is_some_and(|(first, _)| first.at < at) {
        Some(Error::rule(
            OCCURRED_AT,
            "Kejadian tidak mungkin sesudah tindak lanjutnya yang pertama.",
            "A case cannot have occurred after its first event.",
        ))
    } else {
        None
    }
}

/// Returns the status after an event. 409 when the event is impossible in the case's status.
pub fn status_after(life: &Life<'_>, events: &[Event], kind: EventKind) -> Result<CaseStatus, Error> {
    let from = life.status();
    let refused = |id: String, en: String| Error::new(Code::ImpossibleTransition).detail(id, en).at("#/kind");
    if events.len() >= MOST {
        return Err(refused(
            format!("Kasus paling banyak memiliki {MOST} tindak lanjut. Catat kelanjutannya sebagai kasus baru."),
            format!("A case has at most {MOST} events. Record what follows as a new case."),
        ));
    }
    life.status_after(kind).ok_or_else(|| {
        let possible = case::possible(from)
            .map(EventKind::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        let (status, event) = (text::case_status(from), text::event(kind));
        refused(
            format!("Kasus yang {status} tidak dapat {event}. Yang mungkin sekarang: {possible}."),
            format!("A case that is {from} cannot have the event {kind}. Possible now: {possible}."),
        )
    })
}

/// Checks the members of an event. Its instant must not be in the future, not before the case occurred, and not before the
/// last event that counts.
pub fn validate_event(
    now: DateTime<Utc>,
    seen: &public_case::Model,
    life: &Life<'_>,
    new: &NewCaseEvent,
) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let at_now = new.at.min(now);
    if !has_come(now, new.at) {
        errors.add(in_the_future("#/at"));
    } else if at_now < seen.occurred_at {
        errors.add(Error::rule(
            "#/at",
            "Waktu ini sebelum kejadian.",
            "This time is before the case occurred.",
        ));
    } else if life.bounds().is_some_and(|(_, last)| at_now < last.at) {
        errors.add(Error::rule(
            "#/at",
            "Waktu ini sebelum tindak lanjut yang terakhir.",
            "This time is before the last event.",
        ));
    }
    let NewCaseEvent {
        id: _,
        kind,
        at: _,
        note,
        referred_to,
        receipt,
    } = new;
    errors.check(referred_to.is_none() || *kind == EventKind::Referred, || {
        Error::rule(
            "#/referred_to",
            "Hanya pelimpahan (referred) yang memiliki penerima.",
            "Only the event referred has a receiver.",
        )
    });
    errors.check(referred_to.is_some() || *kind != EventKind::Referred, || {
        Error::rule(
            "#/referred_to",
            "Isi penerimanya: kepada siapa kasus ini dilimpahkan.",
            "Send the receiver: to whom the case is passed.",
        )
    });
    errors.check(receipt.is_some() || *kind != EventKind::ReceiptAdded, || {
        Error::rule("#/receipt", "Isi tanda terimanya.", "Send the receipt that is added.")
    });
    errors.check(note.is_some() || *kind != EventKind::Withdrawn, || {
        Error::rule(
            "#/note",
            "Isi alasannya: mengapa tindak lanjut terakhir ditarik.",
            "Send the reason why the last event is taken back.",
        )
    });
    errors
}
