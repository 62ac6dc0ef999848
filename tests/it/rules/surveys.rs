//! The rules of a survey, without a database.

use iku::core::formula::survey_index::SurveyStatus;
use iku::facts::surveys::rules::*;

use serde_json::json;

#[test]
fn a_survey_does_not_end_before_it_starts() {
    for (ends_on, faults) in [("2025-03-01", &[][..]), ("2025-02-28", &["#/ends_on rule_broken"])] {
        let body = json!({
            "district_code": "63.11.06", "title": "SKM", "section": "pelayanan-kessos",
            "starts_on": "2025-03-01", "ends_on": ends_on,
        });
        assert_eq!(validate(&serde_json::from_value(body).unwrap()).fields(), faults);
    }
}

#[test]
fn a_survey_opens_closes_and_opens_again() {
    use SurveyStatus::{Closed, Draft, Open};
    for from in SurveyStatus::ALL {
        for to in SurveyStatus::ALL {
            let allowed = from == to || [(Draft, Open), (Open, Closed), (Closed, Open)].contains(&(from, to));
            assert_eq!(ensure_transition(from, to).is_ok(), allowed, "{from} {to}");
        }
    }
}
