//! The rules of an institution, without a database.

use iku::facts::institutions::rules::*;

use serde_json::json;

#[test]
fn unknown_references_and_faults_of_decrees_are_listed_together() {
    let decree = json!({"number": "1", "issued_on": "2024-01-01", "starts_on": "2024-01-01", "ends_on": "2023-01-01"});
    let body = json!({"village_code": "63.11.06.9999", "kind": "rw", "name": "RW 01", "decrees": [decree]});
    let found = References {
        stamp: None,
        villages: Vec::new(),
        kind: None,
    };
    assert_eq!(
        validate(&found, &serde_json::from_value(body).unwrap(), &[], None).fields(),
        [
            "#/village_code unknown_reference",
            "#/kind unknown_reference",
            "#/decrees/0/ends_on rule_broken"
        ]
    );
}
