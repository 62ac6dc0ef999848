//! The events that change a case, and its status at an instant.

use chrono::DateTime;
use iku::core::case::*;
use proptest::prelude::*;

use crate::reference::cases;

use CaseStatus as S;
use EventKind as E;

/// DOMAIN section 6, written out: status, event, status after it. `withdrawn` and `reopened` depend on the past.
const ALLOWED: [(CaseStatus, EventKind, CaseStatus); 17] = [
    (S::Reported, E::Verified, S::Verified),
    (S::Reported, E::Rejected, S::Rejected),
    (S::Verified, E::Rejected, S::Rejected),
    (S::Handling, E::Rejected, S::Rejected),
    (S::Verified, E::Handling, S::Handling),
    (S::Verified, E::Resolved, S::Resolved),
    (S::Handling, E::Resolved, S::Resolved),
    (S::Verified, E::Referred, S::Referred),
    (S::Handling, E::Referred, S::Referred),
    (S::Referred, E::ReceiptAdded, S::Referred),
    (S::Referred, E::Resolved, S::Resolved),
    (S::Referred, E::Returned, S::Verified),
    (S::Resolved, E::Reopened, S::Verified),
    (S::Referred, E::Reopened, S::Verified),
    // These two were verified before; see below for a case that never was.
    (S::Rejected, E::Reopened, S::Verified),
    (S::Handling, E::Withdrawn, S::Verified),
    (S::Resolved, E::Withdrawn, S::Handling),
];

fn event(kind: EventKind, seconds: i64) -> Event {
    Event {
        kind,
        at: DateTime::from_timestamp(seconds, 0).unwrap(),
        has_receipt: false,
    }
}

fn events(kinds: &[EventKind]) -> Vec<Event> {
    (1..).zip(kinds).map(|(second, kind)| event(*kind, second)).collect()
}

/// Returns the status after some events, each of which must be possible.
fn walked(kinds: &[EventKind]) -> CaseStatus {
    let all = events(kinds);
    for n in 0..all.len() {
        let before = Life::of(&all[..n]);
        let after = Life::of(&all[..=n]).status();
        assert_eq!(before.status_after(kinds[n]), Some(after), "{kinds:?} at {n}");
    }
    Life::of(&all).status()
}

#[test]
fn every_status_allows_exactly_the_events_of_the_table() {
    // The shortest way to each status, through `verified` where there is a choice.
    for (status, way) in [
        (S::Reported, &[][..]),
        (S::Verified, &[E::Verified]),
        (S::Handling, &[E::Verified, E::Handling]),
        (S::Resolved, &[E::Verified, E::Handling, E::Resolved]),
        (S::Referred, &[E::Verified, E::Referred]),
        (S::Rejected, &[E::Verified, E::Rejected]),
    ] {
        assert_eq!(walked(way), status);
        let way = events(way);
        let life = Life::of(&way);
        for kind in E::ALL {
            let row = ALLOWED
                .iter()
                .find(|(from, event, _)| (*from, *event) == (status, kind));
            let to = match (status, kind) {
                (S::Verified, E::Withdrawn) => Some(S::Reported),
                (S::Referred | S::Rejected, E::Withdrawn) => Some(S::Verified),
                _ => row.map(|(_, _, to)| *to),
            };
            assert_eq!(life.status_after(kind), to, "{status} {kind}");
            assert_eq!(effect(status, kind).is_some(), to.is_some(), "{status} {kind}");
        }
        let names: Vec<_> = possible(status).collect();
        assert_eq!(
            names.len(),
            E::ALL.iter().filter(|k| life.status_after(**k).is_some()).count()
        );
    }
}

#[test]
fn a_status_counts_as_the_formula_says() {
    for (status, is_counted, is_handled) in [
        (S::Reported, true, false),
        (S::Verified, true, false),
        (S::Handling, true, false),
        (S::Resolved, true, true),
        (S::Referred, true, true),
        (S::Rejected, false, false),
    ] {
        assert_eq!(
            (status.is_counted(), status.is_handled()),
            (is_counted, is_handled),
            "{status}"
        );
    }
}

#[test]
fn walks_end_where_the_office_expects() {
    for (way, status) in [
        // Closed too early.
        (&[E::Verified, E::Resolved, E::Reopened][..], S::Verified),
        (
            &[E::Verified, E::Resolved, E::Reopened, E::Handling, E::Resolved],
            S::Resolved,
        ),
        // A hoax that was none: it had never been verified.
        (&[E::Rejected, E::Reopened], S::Reported),
        (&[E::Rejected, E::Reopened, E::Verified], S::Verified),
        (&[E::Verified, E::Rejected, E::Reopened], S::Verified),
        // The body to which the case was passed solves it, or hands it back.
        (&[E::Verified, E::Referred, E::Resolved], S::Resolved),
        (
            &[E::Verified, E::Referred, E::ReceiptAdded, E::ReceiptAdded, E::Resolved],
            S::Resolved,
        ),
        (&[E::Verified, E::Handling, E::Referred, E::Returned], S::Verified),
        (
            &[E::Verified, E::Referred, E::Returned, E::Referred, E::ReceiptAdded],
            S::Referred,
        ),
        (&[E::Verified, E::Referred, E::Reopened, E::Rejected], S::Rejected),
        // A slip.
        (&[E::Verified, E::Withdrawn], S::Reported),
        (&[E::Verified, E::Rejected, E::Withdrawn], S::Verified),
        (&[E::Rejected, E::Withdrawn], S::Reported),
        (
            &[E::Verified, E::Handling, E::Resolved, E::Withdrawn, E::Referred],
            S::Referred,
        ),
        // A withdrawal is no event that counts, so the next one takes back the event before.
        (
            &[E::Verified, E::Handling, E::Resolved, E::Withdrawn, E::Withdrawn],
            S::Verified,
        ),
        (
            &[
                E::Verified,
                E::Handling,
                E::Resolved,
                E::Withdrawn,
                E::Withdrawn,
                E::Withdrawn,
            ],
            S::Reported,
        ),
        (&[E::Verified, E::Referred, E::ReceiptAdded, E::Withdrawn], S::Referred),
        (&[E::Verified, E::Referred, E::Returned, E::Withdrawn], S::Referred),
        (&[E::Verified, E::Resolved, E::Reopened, E::Withdrawn], S::Resolved),
        // The verification was taken back, so the case had never been verified.
        (&[E::Verified, E::Withdrawn, E::Rejected, E::Reopened], S::Reported),
    ] {
        assert_eq!(walked(way), status, "{way:?}");
    }
    // Nothing is left to take back.
    for way in [&[][..], &[E::Verified, E::Withdrawn], &[E::Rejected, E::Reopened]] {
        assert_eq!(Life::of(&events(way)).status_after(E::Withdrawn), None, "{way:?}");
    }
}

#[test]
fn status_ignores_events_after_the_instant() {
    let events = [event(E::Verified, 10), event(E::Resolved, 20), event(E::Withdrawn, 30)];
    for (instant, status) in [
        (9, S::Reported),
        (10, S::Verified),
        (19, S::Verified),
        (20, S::Resolved),
        (29, S::Resolved),
        (30, S::Verified),
    ] {
        let as_of = DateTime::from_timestamp(instant, 0).unwrap();
        assert_eq!(Life::at(&events, as_of).status(), status);
    }
}

#[test]
fn an_event_that_was_taken_back_bounds_nothing() {
    let events = [event(E::Verified, 10), event(E::Resolved, 50), event(E::Withdrawn, 60)];
    let at = |events: &[Event]| {
        Life::of(events)
            .bounds()
            .map(|(f, l)| (f.at.timestamp(), l.at.timestamp()))
    };
    assert_eq!(at(&events[..0]), None);
    assert_eq!(at(&events[..2]), Some((10, 50)));
    assert_eq!(at(&events), Some((10, 10)));
    let life = Life::of(&events);
    assert_eq!([0, 1, 2].map(|n| life.taken_back_by(n)), [None, Some(2), None]);
}

#[test]
fn a_receipt_may_come_later() {
    let with_receipt = |kind, seconds| Event {
        has_receipt: true,
        ..event(kind, seconds)
    };
    let (verified, silent) = (event(E::Verified, 1), event(E::Referred, 2));
    for (events, lacks, awaits) in [
        (vec![verified, silent], true, true),
        (vec![verified, with_receipt(E::Referred, 2)], false, false),
        (vec![verified, silent, with_receipt(E::ReceiptAdded, 3)], false, false),
        // The receipt was typed into the wrong case.
        (
            vec![
                verified,
                silent,
                with_receipt(E::ReceiptAdded, 3),
                event(E::Withdrawn, 4),
            ],
            true,
            true,
        ),
        // The case is resolved, and the receipt never came.
        (vec![verified, silent, event(E::Resolved, 3)], true, false),
        // The receipt belongs to the first referral.
        (
            vec![
                verified,
                silent,
                with_receipt(E::ReceiptAdded, 3),
                event(E::Returned, 4),
                event(E::Referred, 5),
            ],
            false,
            true,
        ),
        // A referral that was a slip lacks nothing.
        (vec![verified, silent, event(E::Withdrawn, 3)], false, false),
    ] {
        let life = Life::of(&events);
        assert_eq!(
            (life.lacks_receipt(1), life.awaits_receipt()),
            (lacks, awaits),
            "{events:?}"
        );
        assert!(!life.lacks_receipt(0));
    }
}

/// Another reading of DOMAIN section 6: the events that count are replayed from the start after every event, and their
/// names are looked up in the document's own words.
fn reference(kinds: &[EventKind]) -> (String, Vec<bool>) {
    const ROWS: &str = "
        reported verified verified; reported rejected rejected; verified rejected rejected; handling rejected rejected;
        verified handling handling; verified resolved resolved; handling resolved resolved;
        verified referred referred; handling referred referred; referred receipt_added referred;
        referred resolved resolved; referred returned verified;
        resolved reopened open; referred reopened open; rejected reopened open";
    fn replay(kinds: &[&str]) -> Vec<String> {
        let mut past = vec!["reported".to_owned()];
        for kind in kinds {
            let status = past.last().unwrap();
            let row = ROWS.split(';').map(|row| row.split_whitespace().collect::<Vec<_>>());
            let mut row = row.filter(|row| row[0] == status && row[1] == *kind);
            let to = row.next().unwrap()[2].to_owned();
            let open = if past.contains(&"verified".to_owned()) {
                "verified"
            } else {
                "reported"
            };
            past.push(if to == "open" { open.to_owned() } else { to });
        }
        past
    }
    let (mut counting, mut counts): (Vec<&str>, Vec<bool>) = (Vec::new(), Vec::new());
    let mut positions = Vec::new();
    for (position, kind) in kinds.iter().enumerate() {
        let status = replay(&counting).pop().unwrap();
        counts.push(false);
        if *kind == E::Withdrawn {
            if status != "reported" {
                counting.pop();
                counts[positions.pop().unwrap()] = false;
            }
        } else if ROWS.contains(&format!("{status} {kind} ")) {
            counting.push(kind.as_str());
            positions.push(position);
            counts[position] = true;
        }
    }
    (replay(&counting).pop().unwrap(), counts)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_life_agrees_with_a_replay(kinds in prop::collection::vec(prop::sample::select(E::ALL.to_vec()), 0..40)) {
        // Impossible events are in the walk too: they have no effect.
        let all = events(&kinds);
        let life = Life::of(&all);
        let (status, counts) = reference(&kinds);
        prop_assert_eq!(life.status().as_str(), status.as_str());
        let last = counts.iter().rposition(|counts| *counts).map(|n| all[n]);
        prop_assert_eq!(life.bounds().map(|(_, last)| *last), last);
        let first = counts.iter().position(|counts| *counts).map(|n| all[n]);
        prop_assert_eq!(life.bounds().map(|(first, _)| *first), first);
        // A withdrawal of the last event that counts gives the status before it.
        if let (Some(after), Some(n)) = (life.status_after(E::Withdrawn), counts.iter().rposition(|c| *c)) {
            let mut without = kinds.clone();
            let mut kept = counts.clone();
            kept[n] = false;
            let mut keep = kept.iter();
            without.retain(|_| *keep.next().unwrap());
            prop_assert_eq!(Life::of(&events(&without)).status(), after);
        }
    }
}
