//! The counts behind a value, as an explanation shows them.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::core::obligation::Punctuality;
use crate::core::skm::{Answers, Ikm, SurveyReason};

/// The counts per survey and element, or per village and kind. Before the period has started the lists are empty,
/// except for the obligations, which are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breakdown {
    Surveys(Vec<CountedSurvey>),
    Institutions(Vec<CountedInstitutions>),
    Cases(Vec<CountedCases>),
    Obligations(CountedObligations),
}

/// A survey that belongs to the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedSurvey {
    pub survey: Uuid,
    pub ends_on: NaiveDate,
    /// Whether it still takes answers.
    pub is_open: bool,
    /// Respondents, active elements and, per element, answers and their sum.
    pub answers: Answers,
    pub ikm: Result<Ikm, SurveyReason>,
}

/// The institutions of one kind in a village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedInstitutions {
    pub village_code: String,
    pub kind: String,
    /// Institutions of the register, active or not; deleted ones left out.
    pub registered: u64,
    pub active: u64,
}

/// The cases of one category in a village, or of those without a known village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedCases {
    /// `None`: the village is not known.
    pub village_code: Option<String>,
    pub category: String,
    /// Cases that occurred in the window and were not rejected.
    pub occurred: u64,
    pub handled: u64,
}

/// The obligations of a year, and the figures that explain their number: kinds x villages - `not_due`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountedObligations {
    pub list: KindList,
    /// Desa that exist on the measuring date.
    pub villages: u64,
    /// Reports that fell due before their desa existed; nobody owes them.
    pub not_due: u64,
    pub owed: Vec<CountedObligation>,
}

/// The list of report kinds in force in a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindList {
    pub listed: u64,
    /// The number of reports per village in the decree; `None`: the formula does not say it.
    pub in_decree: Option<u64>,
    /// Listed kinds that neither the decree nor the kecamatan has confirmed.
    pub unconfirmed: u64,
}

/// An obligation and its state on the measuring date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedObligation {
    pub village_code: String,
    pub kind: String,
    pub fiscal_year: i32,
    pub due_on: NaiveDate,
    /// The judged report.
    pub report: Option<Uuid>,
    /// The report's day, if it counts as delivered.
    pub delivered_on: Option<NaiveDate>,
    pub punctuality: Punctuality,
}
