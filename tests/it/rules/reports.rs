//! The rules of a report, without a database.

use ::entity::village;
use iku::facts::reports::rules::*;
use iku::platform::db::Stamp;

use serde_json::json;

const OWED: Kind = Kind::Owed { fiscal_year_offset: -1 };

fn faults(village: Option<&str>, kind: Kind, delivered_on: &str) -> Vec<String> {
    let village = village.map(|kind| village::Model {
        kind: kind.to_owned(),
        ..Default::default()
    });
    faults_of(village, kind, delivered_on)
}

fn faults_of(village: Option<village::Model>, kind: Kind, delivered_on: &str) -> Vec<String> {
    let body =
        json!({"village_code": "63.11.06.2005", "kind": "lppd", "fiscal_year": 2024, "delivered_on": delivered_on});
    let at = "2025-03-20T01:00:00Z".parse().unwrap();
    let stamp = Some(Stamp { at });
    validate(
        &References { stamp, village, kind },
        &serde_json::from_value(body).unwrap(),
    )
    .fields()
}

#[test]
fn rejects_reports_of_kelurahan_reports_that_are_not_owed_and_future_days() {
    assert_eq!(faults(Some("desa"), OWED, "2025-03-20"), [""; 0]);
    assert_eq!(
        faults(Some("kelurahan"), Kind::NotOwed, "2025-03-21"),
        [
            "#/village_code kelurahan_not_allowed",
            "#/fiscal_year rule_broken",
            "#/delivered_on future_instant"
        ]
    );
    assert_eq!(
        faults(None, Kind::Unknown, "2025-03-20"),
        ["#/village_code unknown_reference", "#/kind unknown_reference"]
    );
}

#[test]
fn rejects_deliveries_outside_the_life_of_the_village() {
    let day = |text: &str| Some(text.parse().unwrap());
    let village = village::Model {
        kind: "desa".to_owned(),
        valid_from: day("2025-02-01"),
        valid_to: day("2025-02-28"),
        ..Default::default()
    };
    for (delivered_on, faults) in [
        ("2025-01-31", &["#/delivered_on rule_broken"][..]),
        ("2025-02-01", &[]),
        ("2025-02-28", &[]),
        ("2025-03-01", &["#/delivered_on rule_broken"]),
    ] {
        assert_eq!(
            faults_of(Some(village.clone()), OWED, delivered_on),
            faults,
            "{delivered_on}"
        );
    }
}
