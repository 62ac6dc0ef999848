//! The reports that a desa owes in a year, and their punctuality (DOMAIN section 7).

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::civil;
use super::closed_list::closed_list;
use super::place::Village;
use super::section::Section;

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

impl ReportGroup {
    /// Returns the section that records these reports.
    pub fn section(self) -> Section {
        match self {
            Self::Administration => Section::Pemerintahan,
            Self::Finance => Section::PembinaanPengawasan,
        }
    }
}

/// The state of a delivered report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportStatus {
    Received,
    /// Sent back to the village. It counts as not delivered until the village delivers it again.
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
    /// Whether the decree or the kecamatan says that it counts; otherwise the choice is ours.
    pub confirmed: bool,
}

impl ReportKind {
    /// Returns whether it falls due in a year.
    pub fn is_owed_in(&self, year: i32) -> bool {
        self.valid_from_year.is_none_or(|first| first <= year) && self.valid_to_year.is_none_or(|last| year <= last)
    }

    /// Returns the day on which it falls due in a year. Dates are data: 28 February means the 28th in leap years too,
    /// and a day past the month's end is the month's last.
    pub fn due_on(&self, year: i32) -> NaiveDate {
        civil::day(year, self.due_month, self.due_day)
    }

    /// Returns the fiscal year of the report that falls due in a year.
    pub fn fiscal_year(&self, year: i32) -> i32 {
        year.saturating_add(self.fiscal_year_offset)
    }

    /// Returns the year in which the report about a fiscal year falls due.
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

impl Obligation<'_> {
    /// Returns whether a village owes it: a village owes what falls due from its first day on.
    pub fn is_owed_by(&self, village: &Village) -> bool {
        village.valid_from.is_none_or(|first| first <= self.due_on)
    }

    /// Returns whether a report of this kind and fiscal year meets it.
    pub fn is_met_by(&self, kind: &str, fiscal_year: i32) -> bool {
        self.kind.code == kind && self.fiscal_year == fiscal_year
    }
}

/// Returns the obligations of a year: one per kind that falls due in it, in the given order. The kinds are those of one
/// group, each in the version that governs the year.
pub fn obligations(year: i32, kinds: &[ReportKind]) -> Vec<Obligation<'_>> {
    let owed = kinds.iter().filter(|kind| kind.is_owed_in(year));
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
    /// Not delivered, and the due day has not passed; or the report fell due before the village existed.
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

/// What makes a report implausible. It counts nevertheless; a person decides whether the year is a slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportFlag {
    /// A report about a whole year was delivered before the year had ended.
    BeforeFiscalYearEnd,
    /// The fiscal year is more than two years before or after the year of the delivery.
    FiscalYearFar,
}
closed_list!(ReportFlag { BeforeFiscalYearEnd "before_fiscal_year_end", FiscalYearFar "fiscal_year_far" });

/// Years between delivery and fiscal year that are still plausible.
const PLAUSIBLE_YEARS: u32 = 2;

/// Returns what is implausible in a delivery. A kind whose reports fall due after their fiscal year (offset -1) reports about
/// the whole year.
pub fn flags(fiscal_year: i32, fiscal_year_offset: i32, delivered_on: NaiveDate) -> Vec<ReportFlag> {
    let year = delivered_on.year();
    let early = fiscal_year_offset < 0 && year <= fiscal_year;
    let far = year.abs_diff(fiscal_year) > PLAUSIBLE_YEARS;
    let flags = [
        (early, ReportFlag::BeforeFiscalYearEnd),
        (far, ReportFlag::FiscalYearFar),
    ];
    flags.into_iter().filter(|(is, _)| *is).map(|(_, flag)| flag).collect()
}

/// The years of which an office has records of one group of reports. They tell a year in which nothing was delivered from a
/// year that nobody recorded (DOMAIN section 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordedYears {
    /// The first year that the office says it recorded; `None`: it says nothing.
    pub from: Option<i32>,
    /// The first year in which a recorded report falls due; `None`: no report is recorded.
    pub first: Option<i32>,
}

impl RecordedYears {
    /// Returns whether the office recorded a year in which no recorded report falls due: a year from its first year on, or
    /// the current year, if it has records of earlier years.
    pub fn cover(&self, year: i32, current_year: i32) -> bool {
        let is_stated = self.from.is_some_and(|from| from <= year);
        is_stated || (year == current_year && self.first.is_some_and(|first| first < year))
    }
}
