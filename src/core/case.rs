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

/// The kind of an event of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// It happened, and here.
    Verified,
    Handling,
    /// Done by the kecamatan, or by the body to which the case was passed.
    Resolved,
    /// Passed to Satpol PP, the Polsek, the village...
    Referred,
    /// The receipt of a referral came later.
    ReceiptAdded,
    /// Handed back by the body to which the case was passed.
    Returned,
    /// A hoax, a duplicate, or outside the area.
    Rejected,
    /// It was closed too early, or wrongly.
    Reopened,
    /// The last event that counts was a slip and no longer counts.
    Withdrawn,
}
closed_list!(EventKind {
    Verified "verified",
    Handling "handling",
    Resolved "resolved",
    Referred "referred",
    ReceiptAdded "receipt_added",
    Returned "returned",
    Rejected "rejected",
    Reopened "reopened",
    Withdrawn "withdrawn",
});

/// One event of a case, as the formulas see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    /// The instant at which it happened.
    pub at: DateTime<Utc>,
    /// Whether it has the receipt of a referral.
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
}

/// The effect of an event on the status of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The case gets this status.
    To(CaseStatus),
    /// The case is open again: `verified`, or `reported` if it had never been verified.
    Reopen,
    /// The last event that counts is taken back: the case has the status before that event.
    TakeBack,
}

/// Every event that is possible, with the statuses in which it is possible: the table of DOMAIN section 6.
pub const TRANSITIONS: &[(&[CaseStatus], EventKind, Effect)] = {
    use CaseStatus::{Handling, Referred, Rejected, Reported, Resolved, Verified};
    use EventKind as E;
    &[
        (&[Reported], E::Verified, Effect::To(Verified)),
        (&[Reported, Verified, Handling], E::Rejected, Effect::To(Rejected)),
        (&[Verified], E::Handling, Effect::To(Handling)),
        (&[Verified, Handling, Referred], E::Resolved, Effect::To(Resolved)),
        (&[Verified, Handling], E::Referred, Effect::To(Referred)),
        (&[Referred], E::ReceiptAdded, Effect::To(Referred)),
        (&[Referred], E::Returned, Effect::To(Verified)),
        (&[Resolved, Referred, Rejected], E::Reopened, Effect::Reopen),
        (
            &[Verified, Handling, Resolved, Referred, Rejected],
            E::Withdrawn,
            Effect::TakeBack,
        ),
    ]
};

/// Returns the effect of an event, or `None` when the event is impossible in this status.
pub fn effect(status: CaseStatus, event: EventKind) -> Option<Effect> {
    let found = TRANSITIONS
        .iter()
        .find(|(from, kind, _)| *kind == event && from.contains(&status));
    found.map(|(_, _, effect)| *effect)
}

/// Returns the events that are possible in a status.
pub fn possible(status: CaseStatus) -> impl Iterator<Item = EventKind> {
    EventKind::ALL
        .into_iter()
        .filter(move |kind| effect(status, *kind).is_some())
}

/// The life of a case up to one of its events. An event is named by its position in the record.
#[derive(Clone, Debug)]
pub struct Life<'a> {
    events: &'a [Event],
    /// The events that count, each with the status that it led to.
    steps: Vec<(usize, CaseStatus)>,
    /// The events that were taken back, each with the event that did it.
    taken_back: Vec<(usize, usize)>,
}

impl<'a> Life<'a> {
    /// Reads the events of a case, which must be in recorded order. An impossible event has no effect.
    pub fn of(events: &'a [Event]) -> Self {
        let mut life = Self {
            events,
            steps: Vec::with_capacity(events.len()),
            taken_back: Vec::new(),
        };
        for (position, event) in events.iter().enumerate() {
            match effect(life.status(), event.kind) {
                Some(Effect::To(status)) => life.steps.push((position, status)),
                Some(Effect::Reopen) => life.steps.push((position, life.reopened())),
                Some(Effect::TakeBack) => {
                    life.taken_back
                        .extend(life.steps.pop().map(|(slip, _)| (slip, position)));
                }
                None => {}
            }
        }
        life
    }

    /// Reads the events up to an instant. The first event after the instant and all events behind it are ignored, so that
    /// no event counts without its predecessors.
    pub fn at(events: &'a [Event], as_of: DateTime<Utc>) -> Self {
        let known = events.iter().take_while(|event| event.at <= as_of).count();
        Self::of(events.get(..known).unwrap_or(events))
    }

    pub fn status(&self) -> CaseStatus {
        self.steps.last().map_or(CaseStatus::Reported, |(_, status)| *status)
    }

    /// Returns the status after one more event, or `None` when the event is impossible now.
    pub fn status_after(&self, event: EventKind) -> Option<CaseStatus> {
        Some(match effect(self.status(), event)? {
            Effect::To(status) => status,
            Effect::Reopen => self.reopened(),
            Effect::TakeBack => {
                let before = self.steps.iter().rev().nth(1);
                before.map_or(CaseStatus::Reported, |(_, status)| *status)
            }
        })
    }

    /// Returns the first and the last event that count. They bound the time of the case and of its next event.
    pub fn bounds(&self) -> Option<(&'a Event, &'a Event)> {
        let event = |step: Option<&(usize, CaseStatus)>| self.events.get(step?.0);
        event(self.steps.first()).zip(event(self.steps.last()))
    }

    /// Returns the position of the event that took back the event at a position.
    pub fn taken_back_by(&self, position: usize) -> Option<usize> {
        let found = self.taken_back.iter().find(|(slip, _)| *slip == position);
        found.map(|(_, by)| *by)
    }

    /// Returns whether the event at a position is a referral that counts and has no receipt, given with it or added later.
    pub fn lacks_receipt(&self, position: usize) -> bool {
        let from_here = self.steps.iter().skip_while(|(step, _)| *step != position);
        let mut of_referral = from_here
            .filter_map(|(step, _)| self.events.get(*step))
            .enumerate()
            .take_while(|(n, event)| {
                let wanted = if *n == 0 {
                    EventKind::Referred
                } else {
                    EventKind::ReceiptAdded
                };
                event.kind == wanted
            })
            .peekable();
        of_referral.peek().is_some() && of_referral.all(|(_, event)| !event.has_receipt)
    }

    /// Returns whether the case is referred and no receipt of the referral is recorded.
    pub fn awaits_receipt(&self) -> bool {
        let is_referral = |(step, _): &&(usize, CaseStatus)| {
            self.events
                .get(*step)
                .is_some_and(|event| event.kind == EventKind::Referred)
        };
        let referral = self.steps.iter().rev().find(is_referral);
        self.status() == CaseStatus::Referred && referral.is_some_and(|(step, _)| self.lacks_receipt(*step))
    }

    fn reopened(&self) -> CaseStatus {
        let was_verified = self.steps.iter().any(|(_, status)| *status == CaseStatus::Verified);
        if was_verified {
            CaseStatus::Verified
        } else {
            CaseStatus::Reported
        }
    }
}
