//! The rules of a report, without a database.

use ::entity::village;
use chrono::NaiveDate;
use iku::facts::reports::dto::NewReport;
use iku::facts::reports::rules::*;
use iku::platform::db::Stamp;

use serde_json::json;

/// The LPPD of 2024, which fell due on 31 March 2025.
const OWED: Kind = Kind::Owed {
    fiscal_year_offset: -1,
    due_on: NaiveDate::from_ymd_opt(2025, 3, 31).unwrap(),
};

fn report(delivered_on: &str) -> NewReport {
    let body =
        json!({"village_code": "63.11.06.2005", "kind": "lppd", "fiscal_year": 2024, "delivered_on": delivered_on});
    serde_json::from_value(body).unwrap()
}

fn faults(village: Option<&str>, kind: Kind, delivered_on: &str) -> Vec<String> {
    let village = village.map(|kind| village::Model {
        kind: kind.to_owned(),
        ..Default::default()
    });
    faults_of(village, kind, &report(delivered_on), None)
}

fn faults_of(village: Option<village::Model>, kind: Kind, new: &NewReport, before: Option<&NewReport>) -> Vec<String> {
    let at = "2025-03-20T01:00:00Z".parse().unwrap();
    let stamp = Some(Stamp { at });
    validate(&References { stamp, village, kind }, new, before).fields()
}

fn desa(valid_from: Option<&str>, valid_to: Option<&str>) -> village::Model {
    let day = |text: &str| text.parse().unwrap();
    village::Model {
        kind: "desa".to_owned(),
        valid_from: valid_from.map(day),
        valid_to: valid_to.map(day),
        ..Default::default()
    }
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
    let village = desa(Some("2025-02-01"), Some("2025-02-28"));
    for (delivered_on, faults) in [
        ("2025-01-31", &["#/delivered_on rule_broken"][..]),
        ("2025-02-01", &[]),
        ("2025-02-28", &[]),
        ("2025-03-01", &["#/delivered_on rule_broken"]),
    ] {
        let found = faults_of(Some(village.clone()), OWED, &report(delivered_on), None);
        assert_eq!(found, faults, "{delivered_on}");
    }
}

#[test]
fn rejects_reports_that_fell_due_before_the_village_existed() {
    let delivered = report("2025-03-20");
    for (valid_from, faults) in [
        (None, &[][..]),
        (Some("2025-03-20"), &[]),
        (Some("2025-03-21"), &["#/delivered_on rule_broken"]),
        (
            Some("2025-04-01"),
            &["#/delivered_on rule_broken", "#/fiscal_year rule_broken"],
        ),
    ] {
        let found = faults_of(Some(desa(valid_from, None)), OWED, &delivered, None);
        assert_eq!(found, faults, "{valid_from:?}");
    }
}

/// The village and the kind may have ended since.
#[test]
fn a_correction_is_measured_by_what_it_changes() {
    let before = report("2025-03-14");
    let with = |change: fn(&mut NewReport)| {
        let mut new = before.clone();
        change(&mut new);
        new
    };
    let ended = || desa(None, Some("2025-02-28"));
    let begun = || desa(Some("2025-04-01"), None);
    let noted = with(|new| new.note = Some("Lengkap".to_owned()));
    let another_day = with(|new| new.delivered_on = "2025-03-15".parse().unwrap());
    let another_year = with(|new| new.fiscal_year = 2023);
    let another_village = with(|new| new.village_code = "63.11.06.2006".parse().unwrap());
    let (day, year) = ("#/delivered_on rule_broken", "#/fiscal_year rule_broken");
    for (village, kind, new, faults) in [
        (ended(), Kind::NotOwed, &noted, &[][..]),
        (begun(), OWED, &noted, &[]),
        (ended(), Kind::NotOwed, &another_day, &[day]),
        (ended(), Kind::NotOwed, &another_year, &[year]),
        (begun(), OWED, &another_year, &[year]),
        (begun(), OWED, &another_village, &[day, year]),
        (desa(None, None), Kind::NotOwed, &another_village, &[]),
    ] {
        assert_eq!(faults_of(Some(village), kind, new, Some(&before)), faults, "{new:?}");
    }
}
