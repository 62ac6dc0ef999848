//! Single rules: the life of a public-order case (DOMAIN section 6).

use chrono::DateTime;
use iku::core::case::*;

#[test]
fn exactly_these_transitions_are_possible() {
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
fn only_what_had_happened_is_read() {
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
