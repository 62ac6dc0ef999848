//! The formulas of the decree: one module each.
//!
//! Every formula works in two steps. First it judges each candidate record: the record contributes an amount, or is
//! excluded for a reason. Then it computes the value from these verdicts alone. So a value and its explanation cannot
//! disagree.
//!
//! The queries load the facts that were known at the as-of instant; the rules about dates are applied here.

mod breakdown;
pub mod case_handling;
mod codes;
mod frame;
pub mod gap;
pub mod institution_count;
mod measured;
pub mod report_delivery;
pub mod survey_index;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::case_handling::CaseFact;
use self::institution_count::InstitutionFact;
use self::report_delivery::{Deliveries, ReportFact};
use self::survey_index::SurveyFact;
use super::closed_list::closed_list;
use super::obligation::{RecordedYears, ReportGroup, ReportKind};
use super::place::Village;
use super::section::Section;

pub use breakdown::{
    Breakdown, CountedCases, CountedInstitutions, CountedObligation, CountedObligations, CountedSurvey, KindList,
};
pub use codes::{Exclusion, InformationCode, Reason, Status};
pub use frame::Frame;
pub use measured::{Candidate, Figure, Information, Measured, OtherReading, Verdict};

/// The computation of an indicator's value from the records (DOMAIN sections 4 to 7).
///
/// The braces `{}` make serde refuse unknown members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Formula {
    /// The mean of the indices of one section's surveys (IKU 1).
    SurveyIndex { section: Section },
    /// The number of village institutions with a decree in force (IKU 2).
    InstitutionCount {},
    /// The share of the public-order cases that was handled (IKU 3).
    CaseHandling {},
    /// The share of a year's reports of one group that was delivered (IKU 4 and 5).
    ReportDelivery {
        group: ReportGroup,
        /// The number of reports per village in the decree, to compare with the list; it does not change the value.
        #[serde(default)]
        per_village: Option<u32>,
    },
}

/// The unit of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = IndicatorUnit)]
pub enum Unit {
    /// 25 to 100.
    Index,
    /// Lembaga.
    Count,
    /// 0 to 100.
    Percent,
}
closed_list!(Unit { Index "index", Count "count", Percent "percent" });

/// The facts of one district. Each formula reads its own kinds of facts and ignores the others.
#[derive(Clone, Debug, Default)]
pub struct Inputs<'a> {
    /// The surveys of the formula's section.
    pub surveys: Vec<SurveyFact>,
    pub villages: &'a [Village],
    pub institutions: &'a [InstitutionFact],
    pub cases: &'a [CaseFact],
    /// The kinds of the formula's group, as they govern the window's year.
    pub report_kinds: Vec<ReportKind>,
    pub reports: &'a [ReportFact],
    /// The years of which the office has records of the formula's group.
    pub recorded: RecordedYears,
}

impl Inputs<'_> {
    fn deliveries(&self, per_village: Option<u32>) -> Deliveries<'_> {
        Deliveries {
            villages: self.villages,
            kinds: &self.report_kinds,
            per_village,
            reports: self.reports,
            recorded: self.recorded,
        }
    }
}

impl Formula {
    /// Returns the section that records the facts of the formula.
    pub fn section(self) -> Section {
        match self {
            Self::SurveyIndex { section } => section,
            Self::InstitutionCount {} => Section::Pmd,
            Self::CaseHandling {} => Section::Trantibum,
            Self::ReportDelivery { group, .. } => group.section(),
        }
    }

    /// Computes the value of a window.
    pub fn measure(self, frame: &Frame, inputs: &Inputs<'_>) -> Measured {
        match self {
            Self::SurveyIndex { .. } => survey_index::measure(frame, &inputs.surveys),
            Self::InstitutionCount {} => institution_count::measure(frame, inputs.villages, inputs.institutions),
            Self::CaseHandling {} => case_handling::measure(frame, inputs.cases),
            Self::ReportDelivery { per_village, .. } => {
                report_delivery::measure(frame, &inputs.deliveries(per_village))
            }
        }
    }

    /// Computes the value with all candidates, also those that the value does not need: the reports that no obligation takes.
    pub fn explain(self, frame: &Frame, inputs: &Inputs<'_>) -> Measured {
        let mut measured = self.measure(frame, inputs);
        if let Self::ReportDelivery { per_village, .. } = self {
            let deliveries = inputs.deliveries(per_village);
            let surplus = report_delivery::surplus(frame, &deliveries, &measured.candidates);
            measured.candidates.extend(surplus);
        }
        measured
    }

    /// Returns the unit of the value.
    pub const fn unit(self) -> Unit {
        match self {
            Self::SurveyIndex { .. } => Unit::Index,
            Self::InstitutionCount {} => Unit::Count,
            Self::CaseHandling {} | Self::ReportDelivery { .. } => Unit::Percent,
        }
    }

    /// Returns the name in files, database and API.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::SurveyIndex { .. } => "survey_index",
            Self::InstitutionCount {} => "institution_count",
            Self::CaseHandling {} => "case_handling",
            Self::ReportDelivery { .. } => "report_delivery",
        }
    }

    /// Returns the code of the section whose surveys the formula reads.
    pub fn section_code(self) -> Option<&'static str> {
        match self {
            Self::SurveyIndex { section } => Some(section.as_str()),
            Self::InstitutionCount {} | Self::CaseHandling {} | Self::ReportDelivery { .. } => None,
        }
    }

    /// Returns the code of the group whose reports the formula reads.
    pub const fn group_code(self) -> Option<&'static str> {
        match self {
            Self::ReportDelivery { group, .. } => Some(group.as_str()),
            Self::SurveyIndex { .. } | Self::InstitutionCount {} | Self::CaseHandling {} => None,
        }
    }

    /// Returns the number of reports per village in the decree.
    pub const fn per_village(self) -> Option<u32> {
        match self {
            Self::ReportDelivery { per_village, .. } => per_village,
            Self::SurveyIndex { .. } | Self::InstitutionCount {} | Self::CaseHandling {} => None,
        }
    }

    /// Returns the formula with this kind, section, group and number of reports per village; `None` if they do not fit
    /// together.
    pub fn from_codes(
        kind: &str,
        section: Option<&str>,
        group: Option<&str>,
        per_village: Option<u32>,
    ) -> Option<Self> {
        let parsed = match (kind, section, group, per_village) {
            ("survey_index", Some(section), None, None) => Self::SurveyIndex {
                section: section.parse().ok()?,
            },
            ("institution_count", None, None, None) => Self::InstitutionCount {},
            ("case_handling", None, None, None) => Self::CaseHandling {},
            ("report_delivery", None, Some(group), per_village) => Self::ReportDelivery {
                group: group.parse().ok()?,
                per_village,
            },
            _ => return None,
        };
        Some(parsed)
    }
}
