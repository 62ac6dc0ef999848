//! Which reports a desa owes in a year, and whether they came in time (DOMAIN section 7).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::civil;
use super::closed_list::closed_list;

/// The indicator in which a report counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportGroup {
    /// IKU 4.
    Administration,
    /// IKU 5.
    Finance,
}
closed_list!(ReportGroup { Administration "administration", Finance "finance" });

/// The state of a delivered report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportStatus {
    Received,
    /// Sent back to the village. It counts as not delivered until it comes again.
    Returned,
    Accepted,
}
closed_list!(ReportStatus { Received "received", Returned "returned", Accepted "accepted" });

/// A kind of report, in the version that governs a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportKind {
    pub code: String,
    pub group: ReportGroup,
    /// 1..=12
    pub due_month: u32,
    /// 1..=31, clamped to the month's end.
    pub due_day: u32,
    /// Added to the obligation's year to give the fiscal year: -1 or 0.
    pub fiscal_year_offset: i32,
    /// The first year in which it falls due; `None`: no first year.
    pub valid_from_year: Option<i32>,
    /// The last year in which it falls due; `None`: no last year.
    pub valid_to_year: Option<i32>,
}

impl ReportKind {
    /// Returns whether it falls due in a year.
    pub fn owed_in(&self, year: i32) -> bool {
        self.valid_from_year.is_none_or(|first| first <= year) && self.valid_to_year.is_none_or(|last| year <= last)
    }

    /// The day it falls due in a year. Dates are data: 28 February means the 28th in leap years too, and a day past the
    /// month's end is the month's last.
    pub fn due_on(&self, year: i32) -> NaiveDate {
        civil::day(year, self.due_month, self.due_day)
    }

    /// The fiscal year that the report falling due in a year is about.
    pub fn fiscal_year(&self, year: i32) -> i32 {
        year.saturating_add(self.fiscal_year_offset)
    }

    /// The year in which the report about a fiscal year falls due.
    pub fn obligation_year(&self, fiscal_year: i32) -> i32 {
        fiscal_year.saturating_sub(self.fiscal_year_offset)
    }
}

/// A report that each desa owes once in a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Obligation<'a> {
    pub kind: &'a ReportKind,
    pub fiscal_year: i32,
    pub due_on: NaiveDate,
}

/// Returns the obligations of a year: one per kind that falls due in it, in the given order. The kinds are those of one
/// group, each in the version that governs the year.
pub fn obligations(year: i32, kinds: &[ReportKind]) -> Vec<Obligation<'_>> {
    let owed = kinds.iter().filter(|kind| kind.owed_in(year));
    owed.map(|kind| Obligation {
        kind,
        fiscal_year: kind.fiscal_year(year),
        due_on: kind.due_on(year),
    })
    .collect()
}

/// The state of an obligation on a day. Punctuality is information: a late report counts as delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Punctuality {
    OnTime,
    Late,
    /// Not delivered although the due day has passed.
    Missing,
    /// Not delivered, and the due day has not passed.
    NotDue,
}

/// Returns the day of delivery, or `None` for a returned report.
pub fn delivered_on(status: ReportStatus, day: NaiveDate) -> Option<NaiveDate> {
    (status != ReportStatus::Returned).then_some(day)
}

/// Returns the state of an obligation on a day. A delivery after that day does not count.
pub fn punctuality(due_on: NaiveDate, delivered_on: Option<NaiveDate>, on: NaiveDate) -> Punctuality {
    match delivered_on.filter(|delivered| *delivered <= on) {
        Some(delivered) if delivered <= due_on => Punctuality::OnTime,
        Some(_) => Punctuality::Late,
        None if due_on < on => Punctuality::Missing,
        None => Punctuality::NotDue,
    }
}
