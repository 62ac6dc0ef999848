//! IKU 3: the share of the public-order cases of the year to date that was handled, as known at the as-of instant
//! (DOMAIN section 6).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::breakdown::{Breakdown, CountedCases};
use super::codes::{Exclusion, InformationCode, Reason};
use super::frame::Frame;
use super::measured::{Candidate, Information, Measured, OtherReading, Verdict, count};
use crate::core::case::{CaseStatus, Event, Life};
use crate::core::civil;

/// A case and its events, in the order of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFact {
    pub id: Uuid,
    /// `None`: the village is not known; the case belongs to the district.
    pub village_code: Option<String>,
    /// One of the 13 objects of Permendagri 26/2020, or a local one.
    pub category: String,
    pub occurred_at: DateTime<Utc>,
    pub events: Vec<Event>,
    pub deleted: bool,
}

/// Handled / occurred x 100.
///
/// A case belongs to the WITA date on which it occurred, whenever it was handled. Numerator and denominator follow from
/// the verdicts: the contributing cases, and these together with the cases `not_handled`. The other reading divides by the
/// verified cases only.
pub fn measure(frame: &Frame, cases: &[CaseFact]) -> Measured {
    if frame.is_not_started() {
        return Measured::not_started(cases.iter().map(|case| case.id), Breakdown::Cases(Vec::new()));
    }
    let mut cells = BTreeMap::<(Option<&str>, &str), (u64, u64)>::new();
    let (mut candidates, mut without_receipt) = (Vec::with_capacity(cases.len()), 0);
    let mut unverified = 0;
    for case in cases {
        let life = Life::at(&case.events, frame.as_of);
        let verdict = verdict(frame, case, life.status());
        let occurred = verdict.is_contributing() || verdict == Verdict::Excluded(Exclusion::NotHandled);
        if occurred {
            let cell = cells.entry((case.village_code.as_deref(), &case.category)).or_default();
            cell.0 += 1;
            cell.1 += u64::from(verdict.is_contributing());
            without_receipt += u64::from(life.awaits_receipt());
            unverified += u64::from(life.status() == CaseStatus::Reported);
        }
        candidates.push(Candidate::new(case.id, verdict));
    }

    let cells = cells
        .into_iter()
        .map(|((village_code, category), (occurred, handled))| CountedCases {
            village_code: village_code.map(str::to_owned),
            category: category.to_owned(),
            occurred,
            handled,
        });
    let breakdown = Breakdown::Cases(cells.collect());
    let handled = count(&candidates, Verdict::is_contributing);
    let in_progress = count(&candidates, |v| *v == Verdict::Excluded(Exclusion::NotHandled));
    let information = vec![
        Information::count(InformationCode::InProgress, in_progress),
        Information::count(InformationCode::ReferredWithoutReceipt, without_receipt),
    ];
    let ratio = (handled, handled + in_progress);
    let other = OtherReading::percentage(handled, ratio.1 - unverified);
    Measured::percentage(
        frame.status(false),
        ratio,
        Reason::NoCases,
        information,
        candidates,
        breakdown,
        other,
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
