//! The life of a public-order case (DOMAIN section 6).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::closed_list::closed_list;

/// The status of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseStatus {
    Reported,
    Verified,
    Handling,
    Resolved,
    Referred,
    Rejected,
}
closed_list!(CaseStatus {
    Reported "reported",
    Verified "verified",
    Handling "handling",
    Resolved "resolved",
    Referred "referred",
    Rejected "rejected",
});

/// What can happen to a reported case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Verified,
    Handling,
    Resolved,
    /// Handed to Satpol PP, the Polsek, the village...
    Referred,
    /// A hoax, a duplicate, or outside the area.
    Rejected,
}
closed_list!(EventKind {
    Verified "verified",
    Handling "handling",
    Resolved "resolved",
    Referred "referred",
    Rejected "rejected",
});

/// One event of a case, as the formulas see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Whether a receipt of a referral is recorded.
    pub has_receipt: bool,
}

impl CaseStatus {
    /// Returns whether the case counts in the numerator: resolved or referred.
    pub fn is_handled(self) -> bool {
        matches!(self, Self::Resolved | Self::Referred)
    }

    /// Returns whether the case counts in the denominator: every status but rejected, verified or not.
    pub fn is_counted(self) -> bool {
        self != Self::Rejected
    }

    /// Returns whether no event can follow.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Resolved | Self::Referred | Self::Rejected)
    }
}

/// Returns the status after an event, or `None` when the event is impossible in this status.
pub fn next(status: CaseStatus, event: EventKind) -> Option<CaseStatus> {
    match (status, event) {
        (CaseStatus::Reported, EventKind::Verified) => Some(CaseStatus::Verified),
        (CaseStatus::Verified, EventKind::Handling) => Some(CaseStatus::Handling),
        (CaseStatus::Verified | CaseStatus::Handling, EventKind::Resolved) => Some(CaseStatus::Resolved),
        (CaseStatus::Verified | CaseStatus::Handling, EventKind::Referred) => Some(CaseStatus::Referred),
        (CaseStatus::Reported | CaseStatus::Verified | CaseStatus::Handling, EventKind::Rejected) => {
            Some(CaseStatus::Rejected)
        }
        _ => None,
    }
}

/// Returns the status of a case at an instant, and the event that led to it. Events come in the order of the record. The
/// first event after the instant ends the reading, so that no later event counts without the earlier ones.
pub fn status_at(events: &[Event], as_of: DateTime<Utc>) -> (CaseStatus, Option<&Event>) {
    events
        .iter()
        .take_while(|event| event.at <= as_of)
        .fold((CaseStatus::Reported, None), |(status, last), event| {
            next(status, event.kind).map_or((status, last), |status| (status, Some(event)))
        })
}
