//! The rules of an institution's decrees: identity and dates.

use iku::facts::institutions::decree_dto::NewInstitutionDecree;
use iku::facts::institutions::decrees::*;
use uuid::Uuid;

use serde_json::json;

#[test]
fn all_faults_of_all_decrees_are_listed_together() {
    let id = Uuid::new_v4();
    let decree = |issued: &str, starts: &str, ends: &str| -> NewInstitutionDecree {
        let body = json!({"id": id, "number": "1", "issued_on": issued, "starts_on": starts, "ends_on": ends});
        serde_json::from_value(body).unwrap()
    };
    let now = Some("2025-03-20T01:00:00Z".parse().unwrap());
    let fine = decree("2025-03-20", "2025-01-01", "2025-12-31");
    assert_eq!(validate_all(now, std::slice::from_ref(&fine)).fields(), [""; 0]);
    let wrong = decree("2025-03-21", "2025-01-01", "1024-12-31");
    assert_eq!(
        validate_all(now, &[fine.clone(), wrong]).fields(),
        [
            "#/decrees/1/issued_on future_instant",
            "#/decrees/1/ends_on rule_broken",
            "#/decrees/1/ends_on rule_broken",
            "#/decrees/1/id rule_broken"
        ]
    );
    let full = validate_renewal("2025-03-20T01:00:00Z".parse().unwrap(), MOST_DECREES, &fine);
    assert_eq!(full.fields(), ["# rule_broken"]);
}
