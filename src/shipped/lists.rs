//! Report kinds, the questionnaire and plain code lists.

use serde::Deserialize;

use crate::core::obligation::ReportGroup;

/// A code and its name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct NamedCode {
    pub code: String,
    pub name: String,
}

/// A report that every desa owes each year. The obligation belongs to the year in which it falls due.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReportKind {
    pub code: String,
    /// The first year of obligation that this version governs.
    pub from_year: i32,
    pub group: ReportGroup,
    pub name: String,
    /// 1 to 12.
    pub due_month: u32,
    /// A day that the month has in every year.
    pub due_day: u32,
    /// Fiscal year minus year of obligation: 0 or -1.
    pub fiscal_year_offset: i32,
    pub legal_basis: String,
    /// Whether the decree or the kecamatan says that this report counts; `false`: the program has chosen it.
    pub confirmed: bool,
}

/// A version of the survey's form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Questionnaire {
    pub code: String,
    pub version: i32,
    pub title: String,
    /// The regulation behind it.
    pub source: String,
    /// In the order in which the form asks.
    pub elements: Vec<Element>,
    pub profile: Profile,
}

/// An unsur: one question with four answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// The key of an answer. A number is not a key, because the regulation and its form number two elements
    /// differently.
    pub code: String,
    /// The element's name in the regulation.
    pub name: String,
    pub question: String,
    /// The answers worth 1, 2, 3 and 4.
    pub labels: [String; 4],
}

/// The profile that a respondent may give, besides the age in years; all of it is optional.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub gender: Vec<NamedCode>,
    pub education: Vec<NamedCode>,
    pub occupation: Vec<NamedCode>,
}
