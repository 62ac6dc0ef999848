//! The rules of an indicator, without a database.

use ::entity::decree;
use iku::plan::indicators::dto::NewIndicator;
use iku::plan::indicators::rules::*;

use serde_json::json;
use uuid::Uuid;

#[test]
fn rejects_a_year_outside_the_decree_and_a_unit_that_does_not_fit_the_formula() {
    let decree = decree::Model {
        first_year: 2023,
        last_year: 2026,
        ..Default::default()
    };
    let new = |unit: &str| -> NewIndicator {
        let body = json!({
            "code": "x", "decree_id": Uuid::nil(), "number": 6, "objective": "x", "name": "x", "meaning": "x",
            "selection_reason": "x", "formula_text": "x", "reference": "x", "responsible": "x", "source": "x",
            "unit": unit, "polarity": "higher_is_better", "formula": {"kind": "institution_count"},
        });
        serde_json::from_value(body).unwrap()
    };
    for (decree, unit, faults) in [
        (Some((&decree, 2026)), "count", &[][..]),
        (
            Some((&decree, 2027)),
            "percent",
            &["#/from_year rule_broken", "#/unit rule_broken"],
        ),
        (None, "index", &["#/decree_id unknown_reference", "#/unit rule_broken"]),
    ] {
        assert_eq!(validate(decree, &new(unit)).fields(), faults);
    }
}
