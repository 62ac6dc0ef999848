//! The index of one survey (SKM by Permen PANRB 14/2017, DOMAIN section 4).
//!
//! `NRR = sum of the answers / number of answers` per element, `NI = mean of the NRR of the active elements` (with nine
//! elements the weight is exactly 1/9, never 0.11), `IKM = NI x 25`. All values are fractions; they are rounded for
//! display only.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::exact::{Exact, Hundredths};
use super::grade::{Grade, OutsideScale};

pub use super::element::{ActiveElements, Element, Score};

/// The number and the sum of the answers to one element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    n: u64,
    sum: u64,
}

impl Tally {
    /// Returns `None` when no `n` answers of 1..=4 can add up to `sum`.
    pub fn new(n: u64, sum: u64) -> Option<Self> {
        (n <= sum && u128::from(sum) <= 4 * u128::from(n)).then_some(Self { n, sum })
    }

    /// Returns the number of answers.
    pub fn n(self) -> u64 {
        self.n
    }

    /// Returns the sum of the answers.
    pub fn sum(self) -> u64 {
        self.sum
    }

    /// Returns the tally with one more answer.
    pub fn with(self, score: Score) -> Self {
        self.merged(Self {
            n: 1,
            sum: score.get().into(),
        })
    }

    fn merged(self, other: Self) -> Self {
        Self {
            n: self.n.saturating_add(other.n),
            sum: self.sum.saturating_add(other.sum),
        }
    }

    /// Returns the mean answer (nilai rata-rata), 1..4, or `None` without answers.
    pub fn nrr(self) -> Option<Exact> {
        Exact::ratio(self.sum, self.n)
    }

    /// Returns the element's contribution to the mean over the active elements.
    pub fn weighted_nrr(self, active: ActiveElements) -> Option<Exact> {
        self.nrr().map(|nrr| nrr.over(active.count()))
    }

    /// Returns the element's own index, `NRR x 25` rounded half up to 2 decimals, 25..100.
    pub fn index(self) -> Option<Hundredths> {
        self.nrr().map(|nrr| nrr.times(25).to_hundredths())
    }

    /// Returns the grade of the element's own index.
    pub fn grade(self) -> Option<Grade> {
        self.index().and_then(|index| Grade::of(index).ok())
    }
}

/// The tallies of all nine elements, inactive ones too (they can be activated again).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ElementTallies([Tally; 9]);

impl ElementTallies {
    pub fn get(&self, element: Element) -> Tally {
        self.0[element.index()]
    }

    pub fn set(&mut self, element: Element, tally: Tally) {
        self.0[element.index()] = tally;
    }

    /// Adds one answer.
    pub fn record(&mut self, element: Element, score: Score) {
        self.set(element, self.get(element).with(score));
    }

    /// Returns the tallies of these elements only.
    fn only(&self, active: ActiveElements) -> Self {
        let mut tallies = Self::default();
        active
            .iter()
            .for_each(|element| tallies.set(element, self.get(element)));
        tallies
    }

    fn merged(mut self, other: &Self) -> Self {
        Element::ALL
            .into_iter()
            .for_each(|e| self.set(e, self.get(e).merged(other.get(e))));
        self
    }
}

/// The data that the index of a survey is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Accepted responses.
    pub respondents: u64,
    pub active: ActiveElements,
    pub tallies: ElementTallies,
}

/// The reason why a survey has no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SurveyReason {
    /// The survey has no answers.
    NoResponses,
    /// An active element has no answers.
    ElementUnanswered,
}

/// The index (IKM) of a survey, 25..100.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ikm {
    /// Unrounded. The mean over surveys uses this value.
    pub exact: Exact,
    /// Rounded once, half up. Shown and graded.
    pub rounded: Hundredths,
}

impl Ikm {
    fn of(exact: Exact) -> Self {
        Self {
            rounded: exact.to_hundredths(),
            exact,
        }
    }

    /// Returns the grade of the rounded index.
    pub fn grade(&self) -> Result<Grade, OutsideScale> {
        Grade::of(self.rounded)
    }
}

impl Answers {
    /// Returns the survey's IKM over all its respondents. A missing answer lowers only the count of its element.
    pub fn ikm(&self) -> Result<Ikm, SurveyReason> {
        if self.respondents == 0 {
            return Err(SurveyReason::NoResponses);
        }
        let nrr = |element| self.tallies.get(element).nrr().ok_or(SurveyReason::ElementUnanswered);
        let nrrs = self.active.iter().map(nrr).collect::<Result<Vec<_>, _>>()?;
        let ni = Exact::mean(nrrs).ok_or(SurveyReason::ElementUnanswered)?;
        Ok(Ikm::of(ni.times(25)))
    }

    /// Returns the answers of several surveys as if they were one survey, or `None` for no survey. Answers to an element
    /// count only in surveys where it was active. The index covers the elements that are active in any survey.
    pub fn pooled<'a>(surveys: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        surveys
            .into_iter()
            .map(|survey| Self {
                tallies: survey.tallies.only(survey.active),
                ..*survey
            })
            .reduce(|all, survey| Self {
                respondents: all.respondents.saturating_add(survey.respondents),
                active: all.active.union(survey.active),
                tallies: all.tallies.merged(&survey.tallies),
            })
    }
}
