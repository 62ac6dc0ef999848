//! Civil time where facts are recorded: WITA, UTC+8 (DOMAIN section 2).

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::error::{Code, Error};

/// 422 for a day that has not come yet at `now`.
pub fn must_not_be_after(now: DateTime<Utc>, day: NaiveDate, pointer: &str) -> Result<(), Error> {
    if day <= crate::core::civil::date_of(now) {
        Ok(())
    } else {
        Err(in_the_future(pointer))
    }
}

/// The instant at which something happened: 422 if it has not come yet at `now`. Clocks differ, so a minute is forgiven
/// and taken for now: what is recorded has happened, or a value would change on its own a moment later.
pub fn happened(now: DateTime<Utc>, instant: DateTime<Utc>, pointer: &str) -> Result<DateTime<Utc>, Error> {
    if instant <= now + TimeDelta::minutes(1) {
        Ok(instant.min(now))
    } else {
        Err(in_the_future(pointer))
    }
}

/// An instant as both databases keep it: whole microseconds, and a leap second as the first of the next minute.
pub fn whole_micros(instant: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant)
}

/// 422 for what has not come yet.
pub fn in_the_future(pointer: &str) -> Error {
    Error::new(Code::FutureInstant)
        .detail("Waktu ini belum tiba (WITA).", "This time has not come yet (WITA).")
        .at(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_become_what_both_databases_keep() {
        for (sent, kept) in [
            ("2025-01-01T00:00:00.123456789Z", "2025-01-01T00:00:00.123456+00:00"),
            ("2025-06-30T23:59:60Z", "2025-07-01T00:00:00+00:00"),
        ] {
            assert_eq!(whole_micros(sent.parse().unwrap()).to_rfc3339(), kept);
        }
    }
}
