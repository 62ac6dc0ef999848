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
pub struct Candidate {
    /// The survey, institution, case or report; `None` for an obligation without a report.
    pub record: Option<Uuid>,
    pub verdict: Verdict,
    /// The position of an obligation in the breakdown; `None` for a report that no obligation takes.
    pub obligation: Option<usize>,
}

impl Candidate {
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
    /// Present if and only if the status is [`Status::NotComputable`].
    pub reason: Option<Reason>,
    /// The value in the indicator's unit (index, count, percent), unrounded.
    pub value: Option<Exact>,
    /// Shown as `exact`: the value itself for an index or a count, numerator / denominator for a percentage.
    pub fraction: Option<Exact>,
    /// `None` for an index (its fraction may be too long for JSON integers), and without a value.
    pub numerator: Option<u64>,
    /// `None` for an index, for a count, and without a value.
    pub denominator: Option<u64>,
    /// Empty without a value.
    pub information: Vec<Information>,
    /// All candidates, in the order of the facts; contributing + excluded = all of them.
    pub candidates: Vec<Candidate>,
    pub breakdown: Breakdown,
    /// `None` without a value.
    pub other: Option<OtherReading>,
}

/// The value by another reading of the decree. The formula says which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherReading {
    /// In the indicator's unit, unrounded.
    pub value: Exact,
    /// Shown as `exact`: the value itself for an index or a count, numerator / denominator for a percentage.
    pub fraction: Exact,
}

impl OtherReading {
    pub(super) fn plain(value: Exact) -> Self {
        Self {
            fraction: value.clone(),
            value,
        }
    }

    pub(super) fn percentage(numerator: u64, denominator: u64) -> Option<Self> {
        let fraction = Exact::ratio(numerator, denominator)?;
        Some(Self {
            value: fraction.times(100),
            fraction,
        })
    }
}

impl Measured {
    pub(super) fn not_computable(reason: Reason, candidates: Vec<Candidate>, breakdown: Breakdown) -> Self {
        Self {
            status: Status::NotComputable,
            reason: Some(reason),
            value: None,
            fraction: None,
            numerator: None,
            denominator: None,
            information: Vec::new(),
            candidates,
            breakdown,
            other: None,
        }
    }

    /// Returns the result before the window begins: every candidate is outside the period.
    pub(super) fn not_started(records: impl IntoIterator<Item = Uuid>, breakdown: Breakdown) -> Self {
        let outside = |record| Candidate::new(record, Verdict::Excluded(Exclusion::OutsidePeriod));
        let candidates = records.into_iter().map(outside).collect();
        Self::not_computable(Reason::PeriodNotStarted, candidates, breakdown)
    }

    /// Returns a percentage. If the denominator is 0, it is not computable for `reason`.
    pub(super) fn percentage(
        status: Status,
        (numerator, denominator): (u64, u64),
        reason: Reason,
        information: Vec<Information>,
        candidates: Vec<Candidate>,
        breakdown: Breakdown,
        other: Option<OtherReading>,
    ) -> Self {
        let Some(fraction) = Exact::ratio(numerator, denominator) else {
            return Self::not_computable(reason, candidates, breakdown);
        };
        Self {
            status,
            reason: None,
            value: Some(fraction.times(100)),
            fraction: Some(fraction),
            numerator: Some(numerator),
            denominator: Some(denominator),
            information,
            candidates,
            breakdown,
            other,
        }
    }

    /// Returns the value for display: rounded once, half up, to 2 decimals.
    pub fn rounded(&self) -> Option<Hundredths> {
        self.value.as_ref().map(Exact::to_hundredths)
    }

    /// Returns the contributing candidates and their amounts.
    pub fn contributing(&self) -> impl Iterator<Item = (&Candidate, &Exact)> {
        self.candidates.iter().filter_map(|candidate| match &candidate.verdict {
            Verdict::Contributing(amount) => Some((candidate, amount)),
            Verdict::Excluded(_) => None,
        })
    }

    /// Returns the excluded candidates and the reasons.
    pub fn excluded(&self) -> impl Iterator<Item = (&Candidate, Exclusion)> {
        self.candidates.iter().filter_map(|candidate| match candidate.verdict {
            Verdict::Contributing(_) => None,
            Verdict::Excluded(reason) => Some((candidate, reason)),
        })
    }
}

/// Returns the number of candidates with a verdict that is `wanted`.
pub(super) fn count(candidates: &[Candidate], wanted: impl Fn(&Verdict) -> bool) -> u64 {
    candidates.iter().filter(|candidate| wanted(&candidate.verdict)).count() as u64
}
