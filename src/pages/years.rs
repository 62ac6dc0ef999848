//! The years that a page offers.

use crate::core::period::YEARS;
use crate::platform::error::Error;

/// Returns the year that was asked for, or else the usual one; 404 if the service does not have it.
pub fn asked(year: Option<i32>, usual: i32) -> Result<i32, Error> {
    let year = year.unwrap_or(usual);
    YEARS.contains(&year).then_some(year).ok_or_else(Error::not_found)
}

/// Returns the two years before this year, this year, and a year with its neighbours; none after next year but the year itself.
pub fn around(year: i32, this_year: i32) -> Vec<i32> {
    let mut years = vec![this_year - 2, this_year - 1, this_year, year - 1, year];
    years.push((year + 1).min(this_year + 1));
    years.sort_unstable();
    years.dedup();
    years.retain(|other| YEARS.contains(other));
    years
}
