//! The facts that a formula reads.

use chrono::{DateTime, Datelike, Utc};

use super::record_starts::RecordStart;
use super::records::ByDistrict;
use super::reports::{self, KindRow, RecordedReport};
use super::surveys::SectionSurvey;
use crate::core::civil;
use crate::core::formula::case_handling::CaseFact;
use crate::core::formula::institution_count::InstitutionFact;
use crate::core::formula::report_delivery::ReportFact;
use crate::core::formula::{Formula, Inputs};
use crate::core::obligation::{RecordedYears, ReportGroup, ReportKind};
use crate::core::place::Village;
use crate::platform::db::Stream;

/// The streams of facts that a formula reads.
pub fn streams(formula: Formula) -> &'static [Stream] {
    match formula {
        Formula::SurveyIndex { .. } => &[Stream::Surveys],
        Formula::InstitutionCount {} => &[Stream::Places, Stream::Institutions],
        Formula::CaseHandling {} => &[Stream::Cases],
        Formula::ReportDelivery { .. } => &[Stream::Places, Stream::ReportKinds, Stream::Reports],
    }
}

/// The facts that some formulas read in some districts, as known at one instant.
#[derive(Debug)]
pub struct Facts {
    pub villages: ByDistrict<Village>,
    pub report_kinds: ByDistrict<KindRow>,
    pub reports: ByDistrict<ReportFact>,
    pub record_starts: ByDistrict<RecordStart>,
    pub recorded_reports: ByDistrict<RecordedReport>,
    pub institutions: ByDistrict<InstitutionFact>,
    pub cases: ByDistrict<CaseFact>,
    pub surveys: ByDistrict<SectionSurvey>,
}

impl Facts {
    /// Returns the facts that a formula reads of a district for a window of this year.
    pub fn inputs(&self, formula: Formula, district: &str, year: i32) -> Inputs<'_> {
        match formula {
            Formula::SurveyIndex { section } => {
                let surveys = self.surveys.of(district).iter();
                let of_section = surveys.filter(|s| s.section == section.as_str());
                Inputs {
                    surveys: of_section.map(|s| s.fact).collect(),
                    ..Inputs::default()
                }
            }
            Formula::InstitutionCount {} => Inputs {
                villages: self.villages.of(district),
                institutions: self.institutions.of(district),
                ..Inputs::default()
            },
            Formula::CaseHandling {} => Inputs {
                cases: self.cases.of(district),
                ..Inputs::default()
            },
            Formula::ReportDelivery { group, .. } => Inputs {
                villages: self.villages.of(district),
                report_kinds: self.kinds(district, Some(group), year),
                reports: self.reports.of(district),
                recorded: self.recorded_years(district, group),
                ..Inputs::default()
            },
        }
    }

    /// Returns the instant at which the newest fact of a formula and a year was recorded.
    pub fn recorded_at(&self, formula: Formula, district: &str, year: i32) -> Option<DateTime<Utc>> {
        match formula {
            Formula::SurveyIndex { section } => self.surveys.newest(district, |s| {
                s.section == section.as_str() && s.fact.ends_on.year() == year
            }),
            Formula::InstitutionCount {} => self.institutions.newest(district, |_| true),
            Formula::CaseHandling {} => {
                let occurred_in = |c: &CaseFact| civil::date_of(c.occurred_at).year();
                self.cases.newest(district, |c| occurred_in(c) == year)
            }
            Formula::ReportDelivery { group, .. } => {
                let kinds = self.kinds(district, Some(group), year);
                let is_owed = |r: &ReportFact, k: &ReportKind| k.code == r.kind && k.fiscal_year(year) == r.fiscal_year;
                self.reports.newest(district, |r| kinds.iter().any(|k| is_owed(r, k)))
            }
        }
    }

    fn recorded_years(&self, district: &str, group: ReportGroup) -> RecordedYears {
        let (reports, kinds) = (self.recorded_reports.of(district), self.report_kinds.of(district));
        RecordedYears {
            from: self.record_starts.of(district).iter().find_map(|start| start.of(group)),
            first: reports::first_year(reports, kinds, group),
        }
    }

    /// Returns the report kinds of a group (`None`: of both), as they govern a year.
    pub fn kinds(&self, district: &str, group: Option<ReportGroup>, year: i32) -> Vec<ReportKind> {
        let mut kinds = reports::governing(self.report_kinds.of(district), year);
        kinds.retain(|kind| group.is_none_or(|group| kind.group == group));
        kinds
    }
}
