//! Days of the calendar and the instants that bound them.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use iku::core::civil::*;

#[test]
fn a_day_is_the_instants_between_its_two_bounds() {
    let date = day(2026, 1, 1);
    assert_eq!(start_of_day(date).to_rfc3339(), "2025-12-31T16:00:00+00:00");
    assert_eq!(date_of(start_of_day(date)), date);
    assert_eq!(date_of(end_of_day(date) - TimeDelta::nanoseconds(1)), date);
    assert_eq!(date_of(end_of_day(date)), day(2026, 1, 2));
}

#[test]
fn extreme_dates_do_not_panic() {
    assert_eq!(date_of(DateTime::<Utc>::MAX_UTC), NaiveDate::MAX);
    date_of(DateTime::<Utc>::MIN_UTC);
    start_of_day(NaiveDate::MIN);
    end_of_day(NaiveDate::MAX);
    day(i32::MAX, 2, 31);
    day(i32::MIN, 0, 0);
}

#[test]
fn days_are_clamped_to_their_month() {
    assert_eq!(day(2024, 2, 31).to_string(), "2024-02-29");
    assert_eq!(day(2025, 2, 29).to_string(), "2025-02-28");
    assert_eq!(day(2100, 2, 29).to_string(), "2100-02-28");
    assert_eq!(day(2025, 13, 0).to_string(), "2025-12-01");
}
