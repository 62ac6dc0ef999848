//! The time of an event that a register knows by its day alone.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A day (WITA) or an instant. A field of this type has the format [`Moment::FORMAT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Moment {
    Day(NaiveDate),
    Instant(DateTime<Utc>),
}

impl Moment {
    /// The name of the format in schemas: `YYYY-MM-DD`, or an instant of RFC 3339.
    pub const FORMAT: &str = "date-or-date-time";

    /// Returns whether a text has the format.
    pub fn is_valid(text: &str) -> bool {
        let is_day = || text.len() == 10 && text.parse::<NaiveDate>().is_ok();
        let is_instant =
            || matches!(text.as_bytes().get(10), Some(b'T' | b't')) && DateTime::parse_from_rfc3339(text).is_ok();
        text.is_ascii() && (is_day() || is_instant())
    }
}
