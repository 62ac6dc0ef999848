//! The rules of a report, without a database.

use ::entity::village;
use iku::facts::reports::rules::*;
use iku::platform::db::Stamp;

use serde_json::json;

fn faults(village: Option<&str>, kind: Kind, delivered_on: &str) -> Vec<String> {
    let body =
        json!({"village_code": "63.11.06.2005", "kind": "lppd", "fiscal_year": 2024, "delivered_on": delivered_on});
    let at = "2025-03-20T01:00:00Z".parse().unwrap();
    let village = village.map(|kind| village::Model {
        kind: kind.to_owned(),
        ..Default::default()
    });
    let stamp = Some(Stamp { at });
    validate(&Place { stamp, village, kind }, &serde_json::from_value(body).unwrap()).fields()
}

#[test]
fn a_desa_delivers_reports_that_it_owes_until_today() {
    assert_eq!(faults(Some("desa"), Kind::Owed, "2025-03-20"), [""; 0]);
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
