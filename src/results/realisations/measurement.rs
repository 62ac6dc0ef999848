//! *What do they say*: the formula of an indicator applied to the facts of its district.

use chrono::{DateTime, Datelike, Utc};

use ::entity::indicator;

use super::facts::{Facts, governing_kinds};
use crate::core::civil;
use crate::core::exact::Exact;
use crate::core::formula::case_handling::{self, CaseInput};
use crate::core::formula::institution_count::{self, InstitutionInput};
use crate::core::formula::report_delivery::{self, ObligationInput};
use crate::core::formula::survey_index::{self, SurveyInput};
use crate::core::formula::{Frame, Information, Measured, Reason, Status};
use crate::core::obligation::{ReportGroup, ReportKind};
use crate::platform::error::Error;

/// What was counted, by formula.
#[derive(Clone, Debug)]
pub enum Counted {
    Surveys(Vec<SurveyInput>),
    Institutions(Vec<InstitutionInput>),
    Cases(Vec<CaseInput>),
    Obligations(Vec<ObligationInput>),
}

/// What the core said about one indicator in one window.
#[derive(Clone, Debug)]
pub struct Measurement {
    pub status: Status,
    pub reason: Option<Reason>,
    /// Unrounded, in the indicator's unit.
    pub value: Option<Exact>,
    pub fraction: Option<Exact>,
    pub numerator: Option<u64>,
    pub denominator: Option<u64>,
    pub information: Vec<Information>,
    pub counted: Counted,
}

/// Applies the indicator's own formula.
pub fn measure(indicator: &indicator::Model, frame: &Frame, facts: &Facts) -> Result<Measurement, Error> {
    let district = indicator.district_code.as_str();
    Ok(match indicator.formula_kind.as_str() {
        "survey_index" => {
            let section = indicator.formula_section.as_deref().unwrap_or_default();
            let surveys = facts.surveys.of(district).iter();
            let surveys: Vec<_> = surveys.filter(|s| s.section == section).map(|s| s.fact).collect();
            said(survey_index::measure(frame, &surveys), Counted::Surveys)
        }
        "institution_count" => {
            let villages = facts.setting.villages.of(district);
            said(
                institution_count::measure(frame, villages, facts.institutions.of(district)),
                Counted::Institutions,
            )
        }
        "case_handling" => said(case_handling::measure(frame, facts.cases.of(district)), Counted::Cases),
        "report_delivery" => {
            let kinds = kinds_of(indicator, frame.window.to.year(), facts)?;
            let (villages, reports) = (facts.setting.villages.of(district), facts.reports.of(district));
            said(
                report_delivery::measure(frame, villages, &kinds, reports),
                Counted::Obligations,
            )
        }
        other => return Err(Error::internal(format!("formula {other}"))),
    })
}

fn said<I>(measured: Measured<I>, counted: impl Fn(Vec<I>) -> Counted) -> Measurement {
    let Measured {
        status,
        reason,
        value,
        fraction,
        numerator,
        denominator,
        information,
        judged: _,
        inputs,
    } = measured;
    Measurement {
        status,
        reason,
        value,
        fraction,
        numerator,
        denominator,
        information,
        counted: counted(inputs),
    }
}

/// When the newest of the facts in question was recorded: those of the indicator's district that its formula asks for in
/// the year (of its section, of its group), each in the version that is known.
pub fn newest_fact(indicator: &indicator::Model, year: i32, facts: &Facts) -> Result<Option<DateTime<Utc>>, Error> {
    let district = indicator.district_code.as_str();
    Ok(match indicator.formula_kind.as_str() {
        "survey_index" => facts.surveys.newest(district, |s| {
            Some(s.section.as_str()) == indicator.formula_section.as_deref() && s.fact.ends_on.year() == year
        }),
        "institution_count" => facts.institutions.newest(district, |_| true),
        "case_handling" => facts
            .cases
            .newest(district, |c| civil::date_of(c.occurred_at).year() == year),
        _ => {
            let kinds = kinds_of(indicator, year, facts)?;
            facts.reports.newest(district, |r| {
                kinds
                    .iter()
                    .any(|k| k.code == r.kind && k.fiscal_year(year) == r.fiscal_year)
            })
        }
    })
}

/// The kinds of the indicator's group, as they stand in a year.
fn kinds_of(indicator: &indicator::Model, year: i32, facts: &Facts) -> Result<Vec<ReportKind>, Error> {
    let group: ReportGroup = indicator.formula_group.as_deref().unwrap_or_default().parse()?;
    let mut kinds = governing_kinds(&facts.setting.kinds, year);
    kinds.retain(|k| k.group == group);
    Ok(kinds)
}
