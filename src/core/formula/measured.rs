//! The result of a formula: the value, and the verdict on each candidate record that explains it.

use uuid::Uuid;

use super::breakdown::Breakdown;
use super::codes::{Exclusion, InformationCode, Reason, Status};
use crate::core::exact::{Exact, Hundredths};

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
    pub(super) fn count(code: InformationCode, count: u64) -> Self {
        Self {
            code,
            value: Figure::Count(count),
        }
    }
}

/// The decision of a formula about one candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The amount: 1 of a count or of a numerator, the unrounded IKM of a survey.
    Contributing(Exact),
    Excluded(Exclusion),
}

impl Verdict {
    pub(super) fn one() -> Self {
        Self::Contributing(Exact::integer(1))
    }

    pub fn is_contributing(&self) -> bool {
        matches!(self, Self::Contributing(_))
    }
}

/// One candidate and its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The survey, institution, case or report; `None` for an obligation without a report.
    pub record: Option<Uuid>,
    pub verdict: Verdict,
    /// Of an obligation: its position in the breakdown.
    pub obligation: Option<usize>,
}

impl Judged {
    pub(super) fn new(record: Uuid, verdict: Verdict) -> Self {
        Self {
            record: Some(record),
            verdict,
            obligation: None,
        }
    }
}

/// The value of an indicator, with everything that explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    pub status: Status,
    /// Given exactly when the status is [`Status::NotComputable`].
    pub reason: Option<Reason>,
    /// The value in the indicator's unit (index, count, percent), unrounded.
    pub value: Option<Exact>,
    /// Shown as `exact`: the value itself for an index or a count, numerator / denominator for a percentage.
    pub fraction: Option<Exact>,
    /// `None` for an index, whose fraction outgrows JSON integers, and without a value.
    pub numerator: Option<u64>,
    /// `None` for an index, for a count, and without a value.
    pub denominator: Option<u64>,
    /// Empty without a value.
    pub information: Vec<Information>,
    /// All candidates, in the order of the facts; contributing + excluded = all of them.
    pub judged: Vec<Judged>,
    pub breakdown: Breakdown,
}

impl Measured {
    pub(super) fn not_computable(reason: Reason, judged: Vec<Judged>, breakdown: Breakdown) -> Self {
        Self {
            status: Status::NotComputable,
            reason: Some(reason),
            value: None,
            fraction: None,
            numerator: None,
            denominator: None,
            information: Vec::new(),
            judged,
            breakdown,
        }
    }

    /// Before the window begins no candidate counts: each lies outside the period.
    pub(super) fn not_started(records: impl IntoIterator<Item = Uuid>, breakdown: Breakdown) -> Self {
        let outside = |record| Judged::new(record, Verdict::Excluded(Exclusion::OutsidePeriod));
        let judged = records.into_iter().map(outside).collect();
        Self::not_computable(Reason::PeriodNotStarted, judged, breakdown)
    }

    /// A percentage; not computable for `reason` if the denominator is 0.
    pub(super) fn percentage(
        status: Status,
        (numerator, denominator): (u64, u64),
        reason: Reason,
        information: Vec<Information>,
        judged: Vec<Judged>,
        breakdown: Breakdown,
    ) -> Self {
        let Some(fraction) = Exact::ratio(numerator, denominator) else {
            return Self::not_computable(reason, judged, breakdown);
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
            breakdown,
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

    /// The candidates that do not make up the value, and why.
    pub fn excluded(&self) -> impl Iterator<Item = (&Judged, Exclusion)> {
        self.judged.iter().filter_map(|judged| match judged.verdict {
            Verdict::Contributing(_) => None,
            Verdict::Excluded(reason) => Some((judged, reason)),
        })
    }
}

/// Returns how many candidates have a verdict that is `wanted`.
pub(super) fn count(judged: &[Judged], wanted: impl Fn(&Verdict) -> bool) -> u64 {
    judged.iter().filter(|judged| wanted(&judged.verdict)).count() as u64
}
