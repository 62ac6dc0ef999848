//! The time frame of a formula.

use chrono::{DateTime, NaiveDate, Utc};

use super::codes::Status;
use crate::core::civil;
use crate::core::period::Window;
use crate::core::place;

/// The window and the as-of instant of a computation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    pub window: Window,
    pub as_of: DateTime<Utc>,
}

impl Frame {
    /// Returns the WITA civil date of the as-of instant.
    pub fn as_of_day(&self) -> NaiveDate {
        civil::date_of(self.as_of)
    }

    /// Returns the window's last day, or the as-of day when that is earlier.
    pub fn measuring_date(&self) -> NaiveDate {
        place::measuring_date(self.window.to, self.as_of_day())
    }

    /// Returns whether the window begins after the as-of day.
    pub fn is_not_started(&self) -> bool {
        self.window.from > self.as_of_day()
    }

    /// Returns whether the window's last day has passed.
    pub fn is_over(&self) -> bool {
        self.window.to < self.as_of_day()
    }

    pub(super) fn status(&self, still_open: bool) -> Status {
        if self.is_over() && !still_open {
            Status::Computed
        } else {
            Status::Provisional
        }
    }
}
