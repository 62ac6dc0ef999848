//! Which events move a case, and which status it has at an instant.

use chrono::DateTime;
use iku::core::case::*;

#[test]
fn case_allows_exactly_the_listed_transitions() {
    use CaseStatus as S;
    use EventKind as E;
    let allowed = [
        (S::Reported, E::Verified, S::Verified),
        (S::Reported, E::Rejected, S::Rejected),
        (S::Verified, E::Handling, S::Handling),
        (S::Verified, E::Resolved, S::Resolved),
        (S::Verified, E::Referred, S::Referred),
        (S::Verified, E::Rejected, S::Rejected),
        (S::Handling, E::Resolved, S::Resolved),
        (S::Handling, E::Referred, S::Referred),
        (S::Handling, E::Rejected, S::Rejected),
    ];
    for status in S::ALL {
        for event in E::ALL {
            let wanted = allowed
                .iter()
                .find(|(s, e, _)| (*s, *e) == (status, event))
                .map(|(_, _, to)| *to);
            assert_eq!(next(status, event), wanted, "{status:?} {event:?}");
            assert!(!status.is_final() || next(status, event).is_none());
        }
    }
}

#[test]
fn status_ignores_events_after_the_instant() {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
    let event = |kind, seconds| Event {
        kind,
        at: at(seconds),
        has_receipt: false,
    };
    let events = [event(EventKind::Verified, 10), event(EventKind::Resolved, 20)];
    for (instant, status) in [
        (9, CaseStatus::Reported),
        (10, CaseStatus::Verified),
        (19, CaseStatus::Verified),
        (20, CaseStatus::Resolved),
    ] {
        assert_eq!(status_at(&events, at(instant)).0, status);
    }
}
