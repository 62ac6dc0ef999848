//! IKU 4 and 5: village reports delivered by the period's last day / the full year's obligations x 100 (DOMAIN
//! section 7). The decree names percentages of villages and computes percentages of reports. We follow the formula and
//! show the complete villages as information.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use super::breakdown::{Breakdown, CountedObligation};
use super::codes::{Exclusion, InformationCode, Reason};
use super::frame::Frame;
use super::measured::{Information, Judged, Measured, Verdict, count};
use crate::core::obligation::{self, Punctuality, ReportKind, ReportStatus};
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

/// The candidates are the obligations falling due in the window's year: one per desa that exists on the measuring date
/// and per kind (of the indicator's group, in the version governing that year). A desa that sent nothing stays in the
/// denominator.
///
/// A delivery counts however early (also before 1 January) and however late within the window; a second report for the
/// same obligation does not. The denominator is the whole year's also in a quarter: the percentage grows through the
/// year. Each obligation of the breakdown belongs to the entry of `judged` at the same place.
pub fn measure(frame: &Frame, villages: &[Village], kinds: &[ReportKind], reports: &[ReportFact]) -> Measured {
    let date = frame.measuring_date();
    let year = frame.window.to.year();
    let owed = obligation::obligations(year, kinds);
    let mut found = BTreeMap::<(&str, &str, i32), &ReportFact>::new();
    for report in reports {
        let key = (report.village_code.as_str(), report.kind.as_str(), report.fiscal_year);
        let best = found.entry(key).or_insert(report);
        if preference(report, date) < preference(best, date) {
            *best = report;
        }
    }

    let (mut judged, mut inputs) = (Vec::new(), Vec::new());
    let mut complete = 0;
    for village in place::desa_on(villages, date) {
        let first = judged.len();
        for obligation in &owed {
            let code = obligation.kind.code.as_str();
            let report = found
                .get(&(village.code.as_str(), code, obligation.fiscal_year))
                .copied();
            let verdict = if frame.not_started() {
                Verdict::Excluded(Exclusion::OutsidePeriod)
            } else {
                report.map_or(Verdict::Excluded(Exclusion::Missing), |report| verdict(report, date))
            };
            let delivered_on = report
                .filter(|_| verdict.is_contributing())
                .map(|report| report.delivered_on);
            inputs.push(CountedObligation {
                village_code: village.code.clone(),
                kind: code.to_owned(),
                fiscal_year: obligation.fiscal_year,
                due_on: obligation.due_on,
                report: report.map(|report| report.id),
                delivered_on,
                punctuality: obligation::punctuality(obligation.due_on, delivered_on, date),
            });
            let place = Some(judged.len());
            judged.push(Judged {
                record: report.map(|report| report.id),
                verdict,
                obligation: place,
            });
        }
        complete += u64::from(
            judged[first..]
                .iter()
                .all(|judged: &Judged| judged.verdict.is_contributing()),
        );
    }

    if frame.not_started() {
        return Measured::not_computable(Reason::PeriodNotStarted, judged, Breakdown::Obligations(inputs));
    }
    let delivered = count(&judged, Verdict::is_contributing);
    let punctual = |wanted| {
        inputs
            .iter()
            .filter(|input: &&CountedObligation| input.punctuality == wanted)
            .count() as u64
    };
    let information = vec![
        Information::count(InformationCode::VillagesComplete, complete),
        Information::count(InformationCode::OnTime, punctual(Punctuality::OnTime)),
        Information::count(InformationCode::Late, punctual(Punctuality::Late)),
    ];
    let ratio = (delivered, judged.len() as u64);
    Measured::percentage(
        frame.status(false),
        ratio,
        Reason::NoVillages,
        information,
        judged,
        Breakdown::Obligations(inputs),
    )
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

/// Ranks several reports for one obligation; the least is judged: a report that counts, then a report after the
/// measuring date, a returned report, a deleted report; among equals the earliest, then by id.
fn preference(report: &ReportFact, date: NaiveDate) -> (u8, NaiveDate, Uuid) {
    let rank = match verdict(report, date) {
        Verdict::Contributing(_) => 0,
        Verdict::Excluded(Exclusion::OutsidePeriod) => 1,
        Verdict::Excluded(Exclusion::Returned) => 2,
        Verdict::Excluded(_) => 3,
    };
    (rank, report.delivered_on, report.id)
}
