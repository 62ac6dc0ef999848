//! The gap between a value and a target: how many candidates would have to change their verdict.

use std::collections::BTreeSet;

use super::breakdown::Breakdown;
use super::codes::Exclusion;
use super::measured::{Candidate, Measured, Verdict};
use crate::core::achievement::Polarity;
use crate::core::exact::{Exact, Hundredths};

/// The lowest and the highest index.
const INDEX: (u64, u64) = (25, 100);

/// What would reach the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// The target is reached.
    Nothing,
    /// So many of the candidates must contribute; where lower is better, so many must no longer.
    Candidates(u64),
    /// The candidates are surveys whose index is open, and this must be the mean of their indices.
    Mean(Exact),
    /// So many candidates would have to change, and there are fewer. Of a count the others can be new ones.
    Unreachable(Option<u64>),
}

/// The need, and the candidates whose verdict can still change, as positions in [`Measured::candidates`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub need: Need,
    pub open: Vec<usize>,
}

/// Returns what would bring the value to the target: at least to it, or where lower is better at most to it. The unrounded
/// value is compared.
pub fn gap(measured: &Measured, target: Hundredths, polarity: Polarity) -> Gap {
    let is_reached = measured.value.as_ref().is_some_and(|value| match polarity {
        Polarity::HigherIsBetter => *value >= target.into(),
        Polarity::LowerIsBetter => *value <= target.into(),
    });
    let gap = match &measured.breakdown {
        Breakdown::Surveys(_) => mean(measured, target, polarity),
        Breakdown::Institutions(_) => {
            let missing = [Exclusion::Lapsed, Exclusion::NotStarted, Exclusion::Revoked];
            let wanted = Exact::from(target);
            number(measured, polarity, &wanted, |candidate| {
                is_excluded(candidate, &missing)
            })
        }
        Breakdown::Cases(_) => {
            let missing = |candidate: &Candidate| is_excluded(candidate, &[Exclusion::NotHandled]);
            share(measured, polarity, target, missing)
        }
        Breakdown::Obligations(_) => {
            let missing =
                |candidate: &Candidate| candidate.obligation.is_some() && !candidate.verdict.is_contributing();
            share(measured, polarity, target, missing)
        }
    };
    let need = match (is_reached, gap.need) {
        (true, _) => Need::Nothing,
        // Without a value even the target 0 is not reached.
        (false, Need::Nothing) => Need::Unreachable(None),
        (false, need) => need,
    };
    Gap { need, ..gap }
}

fn is_excluded(candidate: &Candidate, reasons: &[Exclusion]) -> bool {
    matches!(candidate.verdict, Verdict::Excluded(reason) if reasons.contains(&reason))
}

fn positions(measured: &Measured, wanted: impl Fn(&Candidate) -> bool) -> Vec<usize> {
    let all = measured.candidates.iter().enumerate();
    all.filter(|(_, candidate)| wanted(candidate)).map(|(n, _)| n).collect()
}

/// The denominator has the contributing candidates and those that are missing.
fn share(measured: &Measured, polarity: Polarity, target: Hundredths, missing: impl Fn(&Candidate) -> bool) -> Gap {
    let denominator = positions(measured, |c| c.verdict.is_contributing() || missing(c)).len() as u64;
    let Some(hundredth) = Exact::ratio(1, 100).filter(|_| denominator > 0) else {
        return Gap {
            need: Need::Unreachable(None),
            open: Vec::new(),
        };
    };
    let wanted = Exact::from(target)
        .multiplied_by(&hundredth)
        .multiplied_by(&Exact::integer(denominator));
    number(measured, polarity, &wanted, missing)
}

/// `wanted` is the number of candidates that must contribute.
fn number(measured: &Measured, polarity: Polarity, wanted: &Exact, missing: impl Fn(&Candidate) -> bool) -> Gap {
    let contributing = measured.contributing().count();
    let (needed, open) = match polarity {
        Polarity::HigherIsBetter => (
            wanted.ceil().saturating_sub_unsigned(contributing as u64),
            positions(measured, missing),
        ),
        Polarity::LowerIsBetter => {
            let needed = i64::try_from(contributing)
                .unwrap_or(i64::MAX)
                .saturating_sub(wanted.floor());
            (
                needed,
                positions(measured, |candidate| candidate.verdict.is_contributing()),
            )
        }
    };
    let need = match u64::try_from(needed).unwrap_or(0) {
        0 => Need::Nothing,
        n if n <= open.len() as u64 => Need::Candidates(n),
        n => Need::Unreachable(Some(n)),
    };
    Gap { need, open }
}

/// The open surveys must bring the mean of all surveys to the target.
fn mean(measured: &Measured, target: Hundredths, polarity: Polarity) -> Gap {
    let Breakdown::Surveys(counted) = &measured.breakdown else {
        return Gap {
            need: Need::Unreachable(None),
            open: Vec::new(),
        };
    };
    let taking: BTreeSet<_> = counted
        .iter()
        .filter(|survey| survey.is_open)
        .map(|survey| survey.survey)
        .collect();
    let unfinished = [Exclusion::Draft, Exclusion::NoResponses, Exclusion::ElementUnanswered];
    let is_open = |candidate: &Candidate| {
        is_excluded(candidate, &unfinished) || candidate.record.is_some_and(|id| taking.contains(&id))
    };
    let open = positions(measured, is_open);
    let settled = measured.contributing().filter(|(candidate, _)| !is_open(candidate));
    let settled: Vec<Exact> = settled.map(|(_, index)| index.clone()).collect();
    let all = Exact::integer((settled.len() + open.len()) as u64);
    let left = Exact::from(target).multiplied_by(&all).minus(&Exact::sum(settled));
    let Some(mean) = left.divided_by(&Exact::integer(open.len() as u64)) else {
        return Gap {
            need: Need::Unreachable(None),
            open,
        };
    };
    let (lowest, highest) = (Exact::integer(INDEX.0), Exact::integer(INDEX.1));
    let need = match polarity {
        Polarity::HigherIsBetter if mean > highest => Need::Unreachable(None),
        Polarity::LowerIsBetter if mean < lowest => Need::Unreachable(None),
        Polarity::HigherIsBetter | Polarity::LowerIsBetter => Need::Mean(mean.clamp(lowest, highest)),
    };
    Gap { need, open }
}
