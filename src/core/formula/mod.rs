//! What the facts of a window say: one module per formula of the decree.
//!
//! Every formula works in two steps that cannot disagree: first each candidate record is judged, contributing an amount
//! or excluded for a reason; then the value is computed from those verdicts alone. So the explanation of a number is
//! not a second computation, it is the first half of the only one.
//!
//! Facts are those known at the as-of instant (the queries see to that); the date rules are applied here.

pub mod case_handling;
mod codes;
pub mod institution_count;
pub mod report_delivery;
pub mod survey_index;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::civil;
use super::exact::{Exact, Hundredths};
use super::period::Window;
use super::place;

pub use codes::{Exclusion, InformationCode, Reason, Status};

/// The figure of an [`InformationCode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Count(u64),
    Decimal(Hundredths),
}

/// One line of information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Information {
    pub code: InformationCode,
    pub value: Figure,
}

impl Information {
    fn count(code: InformationCode, count: u64) -> Self {
        Self {
            code,
            value: Figure::Count(count),
        }
    }
}

/// The days asked about, and what is known: everything a formula needs to know of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    pub window: Window,
    pub as_of: DateTime<Utc>,
}

impl Frame {
    /// The WITA civil date of the as-of instant.
    pub fn as_of_day(&self) -> NaiveDate {
        civil::date_of(self.as_of)
    }

    /// The window's last day, or the as-of day when that is earlier.
    pub fn measuring_date(&self) -> NaiveDate {
        place::measuring_date(self.window.to, self.as_of_day())
    }

    /// Whether the window begins after the as-of day.
    pub fn not_started(&self) -> bool {
        self.window.from > self.as_of_day()
    }

    /// Whether the window's last day has passed.
    pub fn is_over(&self) -> bool {
        self.window.to < self.as_of_day()
    }

    fn status(&self, still_open: bool) -> Status {
        if self.is_over() && !still_open {
            Status::Computed
        } else {
            Status::Provisional
        }
    }
}

/// What a formula decided about one candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The amount: 1 of a count or of a numerator, the unrounded IKM of a survey.
    Contributing(Exact),
    Excluded(Exclusion),
}

impl Verdict {
    fn one() -> Self {
        Self::Contributing(Exact::integer(1))
    }

    pub fn is_contributing(&self) -> bool {
        matches!(self, Self::Contributing(_))
    }
}

/// One candidate and its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The survey, institution, case or report; nothing for an obligation without a report.
    pub record: Option<Uuid>,
    pub verdict: Verdict,
    /// For obligations, which one it is: its place in the inputs of [`report_delivery`].
    pub obligation: Option<usize>,
}

impl Judged {
    fn new(record: Uuid, verdict: Verdict) -> Self {
        Self {
            record: Some(record),
            verdict,
            obligation: None,
        }
    }
}

/// What a formula says, with everything needed to explain it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured<I> {
    pub status: Status,
    /// Given exactly when the status is [`Status::NotComputable`].
    pub reason: Option<Reason>,
    /// The value in the indicator's unit (index, count, percent), unrounded.
    pub value: Option<Exact>,
    /// What is shown as `exact`: the value itself for an index or a count, numerator / denominator for a percentage.
    pub fraction: Option<Exact>,
    /// Nothing for an index, whose fraction outgrows JSON integers, and where there is no value.
    pub numerator: Option<u64>,
    /// Nothing for an index and for a count, and where there is no value.
    pub denominator: Option<u64>,
    /// Empty where there is no value.
    pub information: Vec<Information>,
    /// All candidates, in the order of the facts; contributing + excluded = all of them.
    pub judged: Vec<Judged>,
    /// What was counted, per survey and element or per village and kind. Before the period has started it is empty, but
    /// for the obligations, which are known.
    pub inputs: Vec<I>,
}

impl<I> Measured<I> {
    fn not_computable(reason: Reason, judged: Vec<Judged>, inputs: Vec<I>) -> Self {
        Self {
            status: Status::NotComputable,
            reason: Some(reason),
            value: None,
            fraction: None,
            numerator: None,
            denominator: None,
            information: Vec::new(),
            judged,
            inputs,
        }
    }

    /// Nothing counts before the window has begun: every candidate lies outside the period.
    fn not_started(records: impl IntoIterator<Item = Uuid>) -> Self {
        let outside = |record| Judged::new(record, Verdict::Excluded(Exclusion::OutsidePeriod));
        Self::not_computable(
            Reason::PeriodNotStarted,
            records.into_iter().map(outside).collect(),
            Vec::new(),
        )
    }

    /// A percentage, or `reason` when there is nothing to divide by.
    fn percentage(
        status: Status,
        (numerator, denominator): (u64, u64),
        reason: Reason,
        information: Vec<Information>,
        judged: Vec<Judged>,
        inputs: Vec<I>,
    ) -> Self {
        let Some(fraction) = Exact::ratio(numerator, denominator) else {
            return Self::not_computable(reason, judged, inputs);
        };
        Self {
            status,
            reason: None,
            value: Some(fraction.times(100)),
            fraction: Some(fraction),
            numerator: Some(numerator),
            denominator: Some(denominator),
            information,
            judged,
            inputs,
        }
    }

    /// The value as it is shown: rounded once, half up, to 2 decimals.
    pub fn rounded(&self) -> Option<Hundredths> {
        self.value.as_ref().map(Exact::to_hundredths)
    }

    /// The candidates that make up the value, and their amounts.
    pub fn contributing(&self) -> impl Iterator<Item = (&Judged, &Exact)> {
        self.judged.iter().filter_map(|judged| match &judged.verdict {
            Verdict::Contributing(amount) => Some((judged, amount)),
            Verdict::Excluded(_) => None,
        })
    }

    /// The candidates that do not, and why.
    pub fn excluded(&self) -> impl Iterator<Item = (&Judged, Exclusion)> {
        self.judged.iter().filter_map(|judged| match judged.verdict {
            Verdict::Contributing(_) => None,
            Verdict::Excluded(reason) => Some((judged, reason)),
        })
    }
}

/// How many of these have that verdict.
fn count(judged: &[Judged], wanted: impl Fn(&Verdict) -> bool) -> u64 {
    judged.iter().filter(|judged| wanted(&judged.verdict)).count() as u64
}
