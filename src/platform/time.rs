//! Civil time of the office: WITA, UTC+8 (DOMAIN section 2).

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::error::{Code, Error};

/// Returns whether a day (WITA) has begun at `now`.
pub fn has_begun(now: DateTime<Utc>, day: NaiveDate) -> bool {
    day <= crate::core::civil::date_of(now)
}

/// Returns whether an instant has come at `now`. Clocks differ, so the next minute counts too. Record such an instant
/// as `now`; otherwise a value would change without a write.
pub fn has_come(now: DateTime<Utc>, instant: DateTime<Utc>) -> bool {
    instant <= now + TimeDelta::minutes(1)
}

/// Returns an instant as both databases store it: whole microseconds, and a leap second as the first second of the next
/// minute.
pub fn whole_micros(instant: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant)
}

/// 422 for a time in the future.
pub fn in_the_future(pointer: &str) -> Error {
    Error::new(Code::FutureInstant)
        .detail("Waktu ini belum tiba (WITA).", "This time is in the future (WITA).")
        .at(pointer)
}
