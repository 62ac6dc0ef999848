//! IKU 4 and 5: village reports delivered by the period's last day / the full year's obligations x 100 (DOMAIN
//! section 7). The decree names percentages of villages and computes percentages of reports. We follow the formula and
//! show the complete villages as information.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use super::breakdown::{Breakdown, CountedObligation, CountedObligations, KindList};
use super::codes::{Exclusion, InformationCode, Reason};
use super::frame::Frame;
use super::measured::{Candidate, Information, Measured, OtherReading, Verdict, count};
use crate::core::obligation::{self, Obligation, Punctuality, RecordedYears, ReportKind, ReportStatus};
use crate::core::place::{self, Village};

/// A report of a village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFact {
    pub id: Uuid,
    pub village_code: String,
    /// The code of its [`ReportKind`].
    pub kind: String,
    pub fiscal_year: i32,
    pub delivered_on: NaiveDate,
    pub status: ReportStatus,
    pub deleted: bool,
}

/// The facts that the formula reads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deliveries<'a> {
    pub villages: &'a [Village],
    /// The kinds of the indicator's group, in the version that governs the window's year.
    pub kinds: &'a [ReportKind],
    /// The number of reports per village in the decree.
    pub per_village: Option<u32>,
    pub reports: &'a [ReportFact],
    pub recorded: RecordedYears,
}

/// The candidates are the obligations falling due in the window's year: one per kind and per desa that exists on the
/// measuring date, from its first day on. A desa that sent nothing stays in the denominator. A year that nobody recorded has
/// no value.
///
/// A delivery counts at any time up to the end of the window, also before 1 January. A second report for the same
/// obligation does not count. The denominator has the obligations of the whole year, also for a quarter: the percentage
/// grows during the year. An obligation of the breakdown has the same position as its entry in `candidates`. The
/// other reading is the share of the villages that delivered all their reports.
pub fn measure(frame: &Frame, facts: &Deliveries<'_>) -> Measured {
    let date = frame.measuring_date();
    let year = frame.window.to.year();
    let owed = obligation::obligations(year, facts.kinds);
    let found = judged(facts.reports, date);
    let mut counted = CountedObligations {
        list: KindList {
            listed: owed.len() as u64,
            in_decree: facts.per_village.map(u64::from),
            unconfirmed: owed.iter().filter(|obligation| !obligation.kind.confirmed).count() as u64,
        },
        ..CountedObligations::default()
    };
    let mut candidates = Vec::new();
    let (mut complete, mut owing) = (0, 0);
    for village in place::desa_on(facts.villages, date) {
        counted.villages += 1;
        let first = candidates.len();
        for obligation in &owed {
            if !obligation.is_owed_by(village) {
                counted.not_due += 1;
                continue;
            }
            let code = obligation.kind.code.as_str();
            let report = found
                .get(&(village.code.as_str(), code, obligation.fiscal_year))
                .copied();
            let verdict = if frame.is_not_started() {
                Verdict::Excluded(Exclusion::OutsidePeriod)
            } else {
                report.map_or(Verdict::Excluded(Exclusion::Missing), |report| verdict(report, date))
            };
            let delivered_on = report
                .filter(|_| verdict.is_contributing())
                .map(|report| report.delivered_on);
            counted.owed.push(CountedObligation {
                village_code: village.code.clone(),
                kind: code.to_owned(),
                fiscal_year: obligation.fiscal_year,
                due_on: obligation.due_on,
                report: report.map(|report| report.id),
                delivered_on,
                punctuality: obligation::punctuality(obligation.due_on, delivered_on, date),
            });
            let place = Some(candidates.len());
            candidates.push(Candidate {
                record: report.map(|report| report.id),
                verdict,
                obligation: place,
            });
        }
        let of_village = candidates.get(first..).unwrap_or_default();
        let delivered = |candidate: &Candidate| candidate.verdict.is_contributing();
        owing += u64::from(!of_village.is_empty());
        complete += u64::from(!of_village.is_empty() && of_village.iter().all(delivered));
    }

    let missing =
        |reason, candidates, counted| Measured::not_computable(reason, candidates, Breakdown::Obligations(counted));
    if frame.is_not_started() {
        return missing(Reason::PeriodNotStarted, candidates, counted);
    }
    if candidates.is_empty() {
        return missing(Reason::NoVillages, candidates, counted);
    }
    let is_recorded = |report: &ReportFact| {
        let is_met = |obligation: &Obligation<'_>| obligation.is_met_by(&report.kind, report.fiscal_year);
        !report.deleted && owed.iter().any(is_met)
    };
    if !facts.reports.iter().any(is_recorded) && !facts.recorded.cover(year, frame.as_of_day().year()) {
        return missing(Reason::NotRecorded, candidates, counted);
    }
    let delivered = count(&candidates, Verdict::is_contributing);
    let ratio = (delivered, candidates.len() as u64);
    let other = OtherReading::percentage(complete, owing);
    Measured::percentage(
        frame.status(false),
        ratio,
        Reason::NoVillages,
        information(&counted, complete),
        candidates,
        Breakdown::Obligations(counted),
        other,
    )
}

/// Judges the reports of the year's kinds that no obligation takes: deleted and second ones, and those of villages that owe
/// nothing on the measuring date. They do not change the value. `taken` are the candidates of the value.
pub fn surplus(frame: &Frame, facts: &Deliveries<'_>, taken: &[Candidate]) -> Vec<Candidate> {
    let owed = obligation::obligations(frame.window.to.year(), facts.kinds);
    let met: BTreeSet<_> = taken.iter().filter_map(|candidate| candidate.record).collect();
    let is_of_year = |report: &&ReportFact| owed.iter().any(|o| o.is_met_by(&report.kind, report.fiscal_year));
    let (taken, left): (Vec<_>, Vec<_>) = facts
        .reports
        .iter()
        .filter(is_of_year)
        .partition(|report| met.contains(&report.id));
    let keys: BTreeSet<_> = taken.into_iter().map(key).collect();
    let judged = left.into_iter().map(|report| {
        let reason = match report.deleted {
            true => Exclusion::Deleted,
            false if keys.contains(&key(report)) => Exclusion::Duplicate,
            false => Exclusion::OutsidePeriod,
        };
        Candidate::new(report.id, Verdict::Excluded(reason))
    });
    judged.collect()
}

fn key(report: &ReportFact) -> (&str, &str, i32) {
    (&report.village_code, &report.kind, report.fiscal_year)
}

/// Returns the report that is judged for each obligation, by village, kind and fiscal year.
fn judged(reports: &[ReportFact], date: NaiveDate) -> BTreeMap<(&str, &str, i32), &ReportFact> {
    let mut found = BTreeMap::new();
    for report in reports {
        let best = found.entry(key(report)).or_insert(report);
        if preference(report, date) < preference(best, date) {
            *best = report;
        }
    }
    found
}

fn information(counted: &CountedObligations, complete: u64) -> Vec<Information> {
    let punctual = |wanted| counted.owed.iter().filter(|input| input.punctuality == wanted).count() as u64;
    let figures = [
        (InformationCode::VillagesComplete, Some(complete)),
        (InformationCode::OnTime, Some(punctual(Punctuality::OnTime))),
        (InformationCode::Late, Some(punctual(Punctuality::Late))),
        (InformationCode::KindsListed, Some(counted.list.listed)),
        (InformationCode::KindsInDecree, counted.list.in_decree),
        (InformationCode::UnconfirmedKinds, Some(counted.list.unconfirmed)),
        (InformationCode::NotDue, Some(counted.not_due)),
    ];
    let known = figures.into_iter().filter_map(|(code, n)| Some((code, n?)));
    known.map(|(code, n)| Information::count(code, n)).collect()
}

fn verdict(report: &ReportFact, date: NaiveDate) -> Verdict {
    if report.deleted {
        Verdict::Excluded(Exclusion::Deleted)
    } else if report.status == ReportStatus::Returned {
        Verdict::Excluded(Exclusion::Returned)
    } else if report.delivered_on > date {
        Verdict::Excluded(Exclusion::OutsidePeriod)
    } else {
        Verdict::one()
    }
}

/// Ranks the reports for one obligation; the report with the lowest rank is judged. The ranks: a report that counts, a
/// report after the measuring date, a returned report, a deleted report; among equals the earliest, then by id.
fn preference(report: &ReportFact, date: NaiveDate) -> (u8, NaiveDate, Uuid) {
    let rank = match verdict(report, date) {
        Verdict::Contributing(_) => 0,
        Verdict::Excluded(Exclusion::OutsidePeriod) => 1,
        Verdict::Excluded(Exclusion::Returned) => 2,
        Verdict::Excluded(_) => 3,
    };
    (rank, report.delivered_on, report.id)
}
