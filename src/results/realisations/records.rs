//! The records behind a value: every candidate with its verdict. The value can be computed from this list alone.

use std::collections::HashMap;

use uuid::Uuid;

use super::dto::{JudgedRecord, JudgedRecordFilter, OwedReport, RecordReference, RecordType, VerdictCode};
use super::text;
use crate::core::formula::{Breakdown, Candidate, Exclusion, Formula, Frame, Measured, Verdict};
use crate::core::institution;
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::{Slug, VillageCode};
use crate::results::facts::{Facts, Origin, PlannedIndicator};
use crate::results::query::Query;

/// What the list says of a record beside its verdict.
struct Source<'a> {
    origin: Origin,
    village_code: Option<&'a str>,
}

/// Returns the candidates that match the filter, in the order of the formula.
pub fn of(
    query: &Query<'_>,
    indicator: &PlannedIndicator,
    facts: &Facts,
    frame: &Frame,
    measured: &Measured,
    filter: &JudgedRecordFilter,
) -> Result<Vec<JudgedRecord>, Error> {
    let (district, formula) = indicator.reads();
    let (record_type, sources) = sources(facts, formula, district, frame);
    let judged = measured.candidates.iter().map(|candidate| {
        let obligation = obligation(candidate, &measured.breakdown)?;
        let source = candidate.record.and_then(|id| sources.get(&id));
        let village_code = match (&obligation, source) {
            (Some(owed), _) => Some(owed.village_code.clone()),
            (None, Some(source)) => village(source.village_code)?,
            (None, None) => None,
        };
        let (amount, reason) = match &candidate.verdict {
            Verdict::Contributing(amount) => (Some(amount.to_fraction_string()), None),
            Verdict::Excluded(reason) => (None, Some(*reason)),
        };
        let reference = |(id, source): (Uuid, &Source<'_>)| {
            let versions = if reason == Some(Exclusion::Deleted) {
                "/versions"
            } else {
                ""
            };
            RecordReference {
                record_type,
                id,
                href: format!("{}/{id}{versions}", record_type.collection()),
                version: source.origin.version,
            }
        };
        Ok(JudgedRecord {
            record: candidate.record.zip(source).map(reference),
            obligation,
            village_code,
            verdict: match reason {
                None => VerdictCode::Contributing,
                Some(_) => VerdictCode::Excluded,
            },
            amount,
            reason,
            reason_text: reason.map(|reason| query.translate(&text::exclusion(reason))),
            recorded_at: source.map(|source| source.origin.recorded_at),
        })
    });
    let matches = |judged: &JudgedRecord| {
        filter.verdict.is_none_or(|verdict| judged.verdict == verdict)
            && filter.reason.is_none_or(|reason| judged.reason == Some(reason))
            && (filter.village_code.is_none() || judged.village_code == filter.village_code)
    };
    let judged = judged.filter(|judged| judged.as_ref().map_or(true, matches));
    judged.collect()
}

/// Returns the records of a formula by id.
fn sources<'a>(
    facts: &'a Facts,
    formula: Formula,
    district: &str,
    frame: &Frame,
) -> (RecordType, HashMap<Uuid, Source<'a>>) {
    let date = frame.measuring_date();
    let source = |origin, village_code| Source { origin, village_code };
    match formula {
        Formula::SurveyIndex { .. } => {
            let surveys = facts.surveys.with_origins(district);
            let sources = surveys.map(|(survey, origin)| (survey.fact.id, source(origin, None)));
            (RecordType::Survey, sources.collect())
        }
        Formula::InstitutionCount {} => {
            let institutions = facts.institutions.with_origins(district);
            let sources = institutions.map(|(fact, origin)| {
                let village = institution::village_on(&fact.villages, date);
                (fact.id, source(origin, village))
            });
            (RecordType::Institution, sources.collect())
        }
        Formula::CaseHandling {} => {
            let cases = facts.cases.with_origins(district);
            let sources = cases.map(|(case, origin)| (case.id, source(origin, case.village_code.as_deref())));
            (RecordType::Case, sources.collect())
        }
        Formula::ReportDelivery { .. } => {
            let reports = facts.reports.with_origins(district);
            let sources =
                reports.map(|(report, origin)| (report.id, source(origin, Some(report.village_code.as_str()))));
            (RecordType::Report, sources.collect())
        }
    }
}

fn obligation(candidate: &Candidate, breakdown: &Breakdown) -> Result<Option<OwedReport>, Error> {
    let Breakdown::Obligations(counted) = breakdown else {
        return Ok(None);
    };
    let owed = candidate.obligation.and_then(|position| counted.owed.get(position));
    let owed = owed.map(|owed| {
        Ok(OwedReport {
            village_code: VillageCode::try_from(owed.village_code.clone()).or_internal()?,
            kind: Slug::try_from(owed.kind.clone()).or_internal()?,
            fiscal_year: owed.fiscal_year,
            due_on: owed.due_on,
        })
    });
    owed.transpose()
}

fn village(code: Option<&str>) -> Result<Option<VillageCode>, Error> {
    code.map(|code| VillageCode::try_from(code.to_owned()).or_internal())
        .transpose()
}
