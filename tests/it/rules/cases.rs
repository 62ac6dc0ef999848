//! The rules of a case and its events, without a database.

use ::entity::{case_event, public_case, village};
use chrono::{DateTime, Utc};
use iku::facts::cases::rules::*;
use iku::platform::db::Stamp;

use serde_json::json;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn event(at: &str) -> case_event::Model {
    case_event::Model {
        at: instant(at),
        ..Default::default()
    }
}

#[test]
fn a_case_occurred_in_our_times_and_before_its_events() {
    let faults = |occurred_at: &str, events: &[case_event::Model]| {
        let body =
            json!({"village_code": "63.11.06.2005", "category": "x", "occurred_at": occurred_at, "summary": "x"});
        let place = Place {
            stamp: Some(Stamp {
                at: instant("2025-03-20T01:00:00Z"),
            }),
            village: Some(village::Model::default()),
            category: None,
        };
        validate(&place, &serde_json::from_value(body).unwrap(), events).fields()
    };
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
    let events = [event("2025-03-14T00:00:00Z")];
    assert_eq!(
        faults("2025-03-15T00:00:00Z", &events),
        [unknown, "#/occurred_at rule_broken"]
    );
}

#[test]
fn events_come_in_the_order_of_time() {
    let seen = public_case::Model {
        occurred_at: instant("2025-03-14T00:00:00Z"),
        ..Default::default()
    };
    let events = [event("2025-03-15T00:00:00Z")];
    for (at, faults) in [
        ("2025-03-13T00:00:00Z", 1),
        ("2025-03-14T00:00:00Z", 1),
        ("2025-03-15T00:00:00Z", 0),
        ("2025-03-20T01:01:00Z", 0),
        ("2025-03-20T01:02:00Z", 1),
    ] {
        let errors = validate_event(instant("2025-03-20T01:00:00Z"), &seen, &events, instant(at));
        assert_eq!(errors.fields().len(), faults, "{at}");
    }
}
