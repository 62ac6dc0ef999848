//! IKU 3: of the public-order cases that occurred in the year to date, the share handled as known at the as-of instant
//! (DOMAIN section 6).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::breakdown::{Breakdown, CountedCases};
use super::codes::{Exclusion, InformationCode, Reason};
use super::frame::Frame;
use super::measured::{Information, Judged, Measured, Verdict, count};
use crate::core::case::{self, CaseStatus, Event};
use crate::core::civil;

/// A case and its events, in the order of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFact {
    pub id: Uuid,
    pub village_code: String,
    /// One of the 13 objects of Permendagri 26/2020, or a local one.
    pub category: String,
    pub occurred_at: DateTime<Utc>,
    pub events: Vec<Event>,
    pub deleted: bool,
}

/// Handled / occurred x 100.
///
/// A case belongs to the WITA date on which it occurred, whenever it was handled. Numerator and denominator follow from
/// the verdicts: the contributing cases, and these together with the cases `not_handled`.
pub fn measure(frame: &Frame, cases: &[CaseFact]) -> Measured {
    if frame.not_started() {
        return Measured::not_started(cases.iter().map(|case| case.id), Breakdown::Cases(Vec::new()));
    }
    let mut cells = BTreeMap::<(&str, &str), (u64, u64)>::new();
    let (mut judged, mut without_receipt) = (Vec::with_capacity(cases.len()), 0);
    for case in cases {
        let (status, last) = case::status_at(&case.events, frame.as_of);
        let verdict = verdict(frame, case, status);
        let occurred = verdict.is_contributing() || verdict == Verdict::Excluded(Exclusion::NotHandled);
        if occurred {
            let cell = cells.entry((&case.village_code, &case.category)).or_default();
            cell.0 += 1;
            cell.1 += u64::from(verdict.is_contributing());
            let receipt = last.is_some_and(|event| event.has_receipt);
            without_receipt += u64::from(status == CaseStatus::Referred && !receipt);
        }
        judged.push(Judged::new(case.id, verdict));
    }

    let cells = cells
        .into_iter()
        .map(|((village_code, category), (occurred, handled))| CountedCases {
            village_code: village_code.to_owned(),
            category: category.to_owned(),
            occurred,
            handled,
        });
    let breakdown = Breakdown::Cases(cells.collect());
    let handled = count(&judged, Verdict::is_contributing);
    let in_progress = count(&judged, |verdict| *verdict == Verdict::Excluded(Exclusion::NotHandled));
    let information = vec![
        Information::count(InformationCode::InProgress, in_progress),
        Information::count(InformationCode::ReferredWithoutReceipt, without_receipt),
    ];
    let ratio = (handled, handled + in_progress);
    Measured::percentage(
        frame.status(false),
        ratio,
        Reason::NoCases,
        information,
        judged,
        breakdown,
    )
}

fn verdict(frame: &Frame, case: &CaseFact, status: CaseStatus) -> Verdict {
    let in_window = frame.window.contains(civil::date_of(case.occurred_at)) && case.occurred_at <= frame.as_of;
    if case.deleted {
        Verdict::Excluded(Exclusion::Deleted)
    } else if !in_window {
        Verdict::Excluded(Exclusion::OutsidePeriod)
    } else if !status.is_counted() {
        Verdict::Excluded(Exclusion::Rejected)
    } else if !status.is_handled() {
        Verdict::Excluded(Exclusion::NotHandled)
    } else {
        Verdict::one()
    }
}
