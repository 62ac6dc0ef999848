//! IKU 2: institutions established by a Keputusan Kepala Desa that is in force on the measuring date (DOMAIN section 5).

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::breakdown::{Breakdown, CountedInstitutions};
use super::codes::{Exclusion, InformationCode, Reason};
use super::frame::Frame;
use super::measured::{Candidate, Information, Measured, OtherReading, Verdict};
use crate::core::exact::Exact;
use crate::core::institution::{self, Belonging, Term};
use crate::core::place::{self, Village};

/// An institution and the history of its decrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstitutionFact {
    pub id: Uuid,
    /// The villages to which it belongs, in the order of its transfers.
    pub villages: Vec<Belonging>,
    /// `rt`, `rw`, `pkk`, ...
    pub kind: String,
    pub terms: Vec<Term>,
    pub deleted: bool,
}

/// The stock of active institutions on the measuring date: the window's last day, or the as-of day when that is earlier.
///
/// Institutions are counted, not decrees. Each counts in the village of that day; if that is not a desa on that day, it is
/// outside the period. Without an active institution the value is 0; without a desa, and while no institution was ever
/// recorded, there is no value. The other reading counts every institution of the register, in force or not.
pub fn measure(frame: &Frame, villages: &[Village], institutions: &[InstitutionFact]) -> Measured {
    if frame.is_not_started() {
        let records = institutions.iter().map(|institution| institution.id);
        return Measured::not_started(records, Breakdown::Institutions(Vec::new()));
    }
    let date = frame.measuring_date();
    let desa: BTreeSet<&str> = place::desa_on(villages, date)
        .map(|village| village.code.as_str())
        .collect();
    let mut cells = BTreeMap::<(&str, &str), (u64, u64)>::new();
    let (mut candidates, mut active, mut expiring) = (Vec::with_capacity(institutions.len()), 0, 0);
    for institution in institutions {
        let village = institution::village_on(&institution.villages, date);
        let verdict = if institution.deleted {
            Verdict::Excluded(Exclusion::Deleted)
        } else if let Some(village) = village.filter(|village| desa.contains(village)) {
            let activity = institution::check_active(date, &institution.terms);
            let cell = cells.entry((village, &institution.kind)).or_default();
            cell.0 += 1;
            match activity {
                Ok(()) => {
                    cell.1 += 1;
                    active += 1;
                    expiring += u64::from(institution::is_expiring(date, &institution.terms));
                    Verdict::one()
                }
                Err(inactive) => Verdict::Excluded(inactive.into()),
            }
        } else {
            Verdict::Excluded(Exclusion::OutsidePeriod)
        };
        candidates.push(Candidate::new(institution.id, verdict));
    }

    let cells = cells
        .into_iter()
        .map(|((village_code, kind), (registered, active))| CountedInstitutions {
            village_code: village_code.to_owned(),
            kind: kind.to_owned(),
            registered,
            active,
        });
    let cells: Vec<_> = cells.collect();
    let registered = cells.iter().map(|cell| cell.registered).sum();
    let breakdown = Breakdown::Institutions(cells);
    if desa.is_empty() {
        return Measured::not_computable(Reason::NoVillages, candidates, breakdown);
    }
    if institutions.is_empty() {
        return Measured::not_computable(Reason::NotRecorded, candidates, breakdown);
    }
    Measured {
        status: frame.status(false),
        reason: None,
        value: Some(Exact::integer(active)),
        fraction: Some(Exact::integer(active)),
        numerator: Some(active),
        denominator: None,
        information: vec![Information::count(InformationCode::ExpiringWithin90Days, expiring)],
        candidates,
        breakdown,
        other: Some(OtherReading::plain(Exact::integer(registered))),
    }
}
