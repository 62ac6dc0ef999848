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

/// 422 for an instant that has not come yet at `now`. Clocks differ: a minute is forgiven.
pub fn must_have_happened(now: DateTime<Utc>, instant: DateTime<Utc>, pointer: &str) -> Result<(), Error> {
    if instant <= now + TimeDelta::minutes(1) {
        Ok(())
    } else {
        Err(in_the_future(pointer))
    }
}

/// 422 for what has not come yet.
pub fn in_the_future(pointer: &str) -> Error {
    Error::new(Code::FutureInstant)
        .detail("Waktu ini belum tiba (WITA).", "This time has not come yet (WITA).")
        .at(pointer)
}
