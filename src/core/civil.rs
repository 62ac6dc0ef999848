//! Civil time: WITA, Asia/Makassar, UTC+8 all year (DOMAIN section 2). Instants are `DateTime<Utc>` everywhere.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};

/// WITA is ahead of UTC by this much; Indonesia has no summer time.
const WITA_AHEAD: TimeDelta = TimeDelta::hours(8);

/// Returns the WITA civil date of an instant: 2025-12-31T16:10Z belongs to 2026-01-01.
pub fn date_of(instant: DateTime<Utc>) -> NaiveDate {
    instant
        .checked_add_signed(WITA_AHEAD)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
        .date_naive()
}

/// Returns the first instant of a WITA civil date, 16:00 UTC of the day before.
pub fn start_of_day(date: NaiveDate) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN).and_utc();
    midnight
        .checked_sub_signed(WITA_AHEAD)
        .unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// Returns the first instant after a WITA civil date: the bound of `instant < end_of_day(to)`.
pub fn end_of_day(date: NaiveDate) -> DateTime<Utc> {
    date.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, start_of_day)
}

/// Returns the number of days of a month. A month outside 1..=12 is clamped to the nearest.
pub fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if NaiveDate::from_ymd_opt(year, 2, 29).is_some() => 29,
        2 => 28,
        _ => 31,
    }
}

/// Returns the date, with a month outside 1..=12 and a day outside the month clamped to the nearest valid value: day 31 of
/// April is 30 April. The function is total, so that dates from data never stop a computation.
pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    let year = year.clamp(NaiveDate::MIN.year() + 1, NaiveDate::MAX.year() - 1);
    let month = month.clamp(1, 12);
    NaiveDate::from_ymd_opt(year, month, day.clamp(1, days_in_month(year, month))).unwrap_or_default()
}
