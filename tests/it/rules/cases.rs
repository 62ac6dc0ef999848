//! The rules of a case and its events, without a database.

use ::entity::{public_case, village};
use chrono::{DateTime, Utc};
use iku::core::case::{Event, EventKind, Life};
use iku::facts::cases::event::{MOST, NewCaseEvent};
use iku::facts::cases::rules::*;
use iku::platform::db::Stamp;

use serde_json::{Value, json};

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn verified(at: &str) -> Event {
    Event {
        kind: EventKind::Verified,
        at: instant(at),
        has_receipt: false,
    }
}

/// The faults of a case in this village, on 20 March 2025 at 09.00 WITA. Its category is never known.
fn faults(village: village::Model, occurred_at: &str, events: &[Event]) -> Vec<String> {
    let body = json!({"village_code": "63.11.06.2005", "category": "x", "occurred_at": occurred_at, "summary": "x"});
    let found = References {
        stamp: Some(Stamp {
            at: instant("2025-03-20T01:00:00Z"),
        }),
        village: Some(village),
        category: None,
    };
    let errors = validate(&found, &serde_json::from_value(body).unwrap(), &Life::of(events), None);
    errors.fields().into_iter().map(|field| field.to_string()).collect()
}

#[test]
fn rejects_a_case_before_2000_in_the_future_or_after_its_events() {
    let faults = |occurred_at: &str, events: &[Event]| faults(village::Model::default(), occurred_at, events);
    let unknown = "#/category unknown_reference";
    assert_eq!(faults("2025-03-20T01:01:00Z", &[]), [unknown]);
    assert_eq!(
        faults("2025-03-20T01:01:01Z", &[]),
        [unknown, "#/occurred_at future_instant"]
    );
    assert_eq!(
        faults("1999-12-31T15:00:00Z", &[]),
        [unknown, "#/occurred_at rule_broken"]
    );
    let events = [verified("2025-03-14T00:00:00Z")];
    assert_eq!(
        faults("2025-03-15T00:00:00Z", &events),
        [unknown, "#/occurred_at rule_broken"]
    );
    // A day is its first instant: today has come, and every event of the day may follow.
    assert_eq!(faults("2025-03-20", &[]), [unknown]);
    assert_eq!(faults("2025-03-21", &[]), [unknown, "#/occurred_at future_instant"]);
    assert_eq!(faults("2025-03-14", &events), [unknown]);
    assert_eq!(faults("2025-03-15", &events), [unknown, "#/occurred_at rule_broken"]);
}

#[test]
fn a_case_occurs_within_the_life_of_its_village() {
    let day = |text: &str| Some(text.parse().unwrap());
    for (valid_from, valid_to, occurred_at, is_within) in [
        (None, None, "2001-01-01", true),
        (day("2025-01-01"), None, "2025-01-01", true),
        (day("2025-01-01"), None, "2024-12-31T15:59:59Z", false),
        (day("2025-01-01"), None, "2024-12-31T16:00:00Z", true),
        (None, day("2025-02-28"), "2025-02-28T23:59:59+08:00", true),
        (None, day("2025-02-28"), "2025-03-01", false),
        (day("2025-01-01"), day("2025-02-28"), "2025-03-01", false),
    ] {
        let village = village::Model {
            valid_from,
            valid_to,
            ..village::Model::default()
        };
        let faults = faults(village, occurred_at, &[]);
        assert_eq!(faults.len() == 1, is_within, "{occurred_at}: {faults:?}");
    }
}

fn event(kind: &str, at: &str, more: Value) -> NewCaseEvent {
    let mut body = json!({"kind": kind, "at": at});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(body).unwrap()
}

#[test]
fn rejects_an_event_before_the_last_event_or_in_the_future() {
    let seen = public_case::Model {
        occurred_at: instant("2025-03-14T00:00:00Z"),
        ..Default::default()
    };
    let events = [verified("2025-03-15T00:00:00Z")];
    for (at, faults) in [
        ("2025-03-13T00:00:00Z", 1),
        ("2025-03-14T00:00:00Z", 1),
        ("2025-03-15T00:00:00Z", 0),
        ("2025-03-20T01:01:00Z", 0),
        ("2025-03-20T01:02:00Z", 1),
    ] {
        let new = event("handling", at, json!({}));
        let errors = validate_event(instant("2025-03-20T01:00:00Z"), &seen, &Life::of(&events), &new);
        assert_eq!(errors.fields().len(), faults, "{at}");
    }
}

#[test]
fn an_event_has_the_members_of_its_kind() {
    for (kind, more, faults) in [
        ("referred", json!({"referred_to": "Polsek Paringin"}), &[][..]),
        ("referred", json!({}), &["#/referred_to rule_broken"]),
        (
            "verified",
            json!({"referred_to": "Polsek Paringin"}),
            &["#/referred_to rule_broken"],
        ),
        ("receipt_added", json!({}), &["#/receipt rule_broken"]),
        ("receipt_added", json!({"receipt": "STPL/12"}), &[]),
        ("withdrawn", json!({}), &["#/note rule_broken"]),
        ("withdrawn", json!({"note": "Salah bulan"}), &[]),
    ] {
        let new = event(kind, "2025-03-15T00:00:00Z", more);
        let seen = public_case::Model::default();
        let errors = validate_event(instant("2025-03-20T01:00:00Z"), &seen, &Life::of(&[]), &new);
        assert_eq!(errors.fields(), faults, "{kind}");
    }
}

#[test]
fn a_case_has_a_bounded_number_of_events() {
    let mut events = vec![verified("2025-03-15T00:00:00Z")];
    assert!(status_after(&Life::of(&events), &events, EventKind::Handling).is_ok());
    events.resize(MOST, events[0]);
    let refused = status_after(&Life::of(&events), &events, EventKind::Handling).unwrap_err();
    assert!(refused.to_string().contains("50"), "{refused}");
}
