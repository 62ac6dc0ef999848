//! The facts that a formula reads.

use chrono::{DateTime, Datelike, Utc};

use super::record_starts::RecordStart;
use super::records::ByDistrict;
use super::replacements::Replacement;
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
    pub replaced_reports: ByDistrict<Replacement>,
    pub replaced_institutions: ByDistrict<Replacement>,
    pub replaced_cases: ByDistrict<Replacement>,
    pub replaced_surveys: ByDistrict<Replacement>,
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

    /// Returns the instant of the last recording about a formula and a year: of a fact, of its correction or of its deletion. It
    /// never goes backwards.
    pub fn recorded_at(&self, formula: Formula, district: &str, year: i32) -> Option<DateTime<Utc>> {
        let (newest, replaced) = match formula {
            Formula::SurveyIndex { section } => {
                let section = section.as_str();
                let newest = |s: &SectionSurvey| s.section == section && s.fact.ends_on.year() == year;
                let replaced = |r: &Replacement| r.code == section && r.year == year;
                (
                    self.surveys.newest(district, newest),
                    self.replaced_surveys.newest(district, replaced),
                )
            }
            Formula::InstitutionCount {} => (
                self.institutions.newest(district, |_| true),
                self.replaced_institutions.newest(district, |_| true),
            ),
            Formula::CaseHandling {} => (
                self.cases
                    .newest(district, |c| civil::date_of(c.occurred_at).year() == year),
                self.replaced_cases.newest(district, |r| r.year == year),
            ),
            Formula::ReportDelivery { group, .. } => {
                let kinds = self.kinds(district, Some(group), year);
                let is_owed = |kind: &str, fiscal_year: i32| {
                    let mut kinds = kinds.iter();
                    kinds.any(|k| k.code == kind && k.fiscal_year(year) == fiscal_year)
                };
                (
                    self.reports.newest(district, |r| is_owed(&r.kind, r.fiscal_year)),
                    self.replaced_reports.newest(district, |r| is_owed(&r.code, r.year)),
                )
            }
        };
        newest.max(replaced)
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
