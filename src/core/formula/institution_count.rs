//! IKU 2: institutions established by a Keputusan Kepala Desa that is in force on the measuring date (DOMAIN section 5).

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Exclusion, Frame, Information, InformationCode, Judged, Measured, Reason, Verdict};
use crate::core::exact::Exact;
use crate::core::institution::{self, Term};
use crate::core::place::{self, Village};

/// An institution and the history of its decrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstitutionFact {
    pub id: Uuid,
    pub village_code: String,
    /// `rt`, `rw`, `pkk`, ...
    pub kind: String,
    pub terms: Vec<Term>,
    pub deleted: bool,
}

/// What was counted in a village of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstitutionInput {
    pub village_code: String,
    pub kind: String,
    /// Institutions of the register, active or not; deleted ones left out.
    pub registered: u64,
    pub active: u64,
}

/// The stock of active institutions on the measuring date: the window's last day, or the as-of day when that is earlier.
///
/// Institutions are counted, not decrees. Only desa that exist on that day have any; the institution of another village
/// lies outside the period. A register without an active institution is 0; without a desa there is no value.
pub fn measure(frame: &Frame, villages: &[Village], institutions: &[InstitutionFact]) -> Measured<InstitutionInput> {
    if frame.not_started() {
        return Measured::not_started(institutions.iter().map(|institution| institution.id));
    }
    let date = frame.measuring_date();
    let desa: BTreeSet<&str> = place::desa_on(villages, date)
        .map(|village| village.code.as_str())
        .collect();
    let mut cells = BTreeMap::<(&str, &str), (u64, u64)>::new();
    let (mut judged, mut active, mut expiring) = (Vec::with_capacity(institutions.len()), 0, 0);
    for institution in institutions {
        let verdict = if institution.deleted {
            Verdict::Excluded(Exclusion::Deleted)
        } else if !desa.contains(institution.village_code.as_str()) {
            Verdict::Excluded(Exclusion::OutsidePeriod)
        } else {
            let standing = institution::standing(date, &institution.terms);
            let cell = cells.entry((&institution.village_code, &institution.kind)).or_default();
            cell.0 += 1;
            match standing {
                Ok(()) => {
                    cell.1 += 1;
                    active += 1;
                    expiring += u64::from(institution::expires_soon(date, &institution.terms));
                    Verdict::one()
                }
                Err(inactive) => Verdict::Excluded(inactive.into()),
            }
        };
        judged.push(Judged::new(institution.id, verdict));
    }

    let inputs = cells
        .into_iter()
        .map(|((village_code, kind), (registered, active))| InstitutionInput {
            village_code: village_code.to_owned(),
            kind: kind.to_owned(),
            registered,
            active,
        });
    let inputs = inputs.collect();
    if desa.is_empty() {
        return Measured::not_computable(Reason::NoVillages, judged, inputs);
    }
    Measured {
        status: frame.status(false),
        reason: None,
        value: Some(Exact::integer(active)),
        fraction: Some(Exact::integer(active)),
        numerator: Some(active),
        denominator: None,
        information: vec![Information::count(InformationCode::ExpiringWithin90Days, expiring)],
        judged,
        inputs,
    }
}
