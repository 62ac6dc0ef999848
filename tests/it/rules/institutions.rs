//! The rules of an institution, without a database.

use iku::facts::institutions::rules::*;

use serde_json::json;

#[test]
fn unknown_references_come_with_the_faults_of_decrees() {
    let decree = json!({"number": "1", "issued_on": "2024-01-01", "starts_on": "2024-01-01", "ends_on": "2023-01-01"});
    let body = json!({"village_code": "63.11.06.9999", "kind": "rw", "name": "RW 01", "decrees": [decree]});
    let place = Place {
        stamp: None,
        village: None,
        kind: None,
    };
    assert_eq!(
        validate(&place, &serde_json::from_value(body).unwrap()).fields(),
        [
            "#/village_code unknown_reference",
            "#/kind unknown_reference",
            "#/decrees/0/ends_on rule_broken"
        ]
    );
    assert_eq!(plain_name(" RT  01"), plain_name("rt 01"));
}
