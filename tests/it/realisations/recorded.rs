//! Never measured is not zero: years that nobody recorded, and what the office says about them.

use iku::access::Role;
use serde_json::{Value, json};

use super::{DESA, IKU4, NOW, deliver, village};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World, instant};

const DISTRICT: &str = "/v1/districts/63.11.06";
const IKU2: &str = "/v1/indicators/paringin-iku-2/realisations";
const IKU5: &str = "/v1/indicators/paringin-iku-5/realisations";

/// Returns numerator, status and reason of a value.
async fn ask(actor: &Client, indicator: &str, period: &str) -> (Value, String, Value) {
    let value = actor.get(&format!("{indicator}/{period}")).await.status(200).json;
    let status = value["status"].as_str().unwrap().to_owned();
    (value["numerator"].clone(), status, value["reason"].clone())
}

fn not_recorded() -> (Value, String, Value) {
    (json!(null), "not_computable".to_owned(), json!("not_recorded"))
}

fn computed(numerator: u64) -> (Value, String, Value) {
    (json!(numerator), "computed".to_owned(), json!(null))
}

fn provisional(numerator: u64) -> (Value, String, Value) {
    (json!(numerator), "provisional".to_owned(), json!(null))
}

#[apply(both_databases)]
async fn a_year_that_nobody_recorded_has_no_value_and_says_what_to_do(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = world.holder(Role::Head, Some(PARINGIN), &[]);
    let target = json!({"value": 90});
    camat
        .put("/v1/indicators/paringin-iku-4/targets/2024", target)
        .await
        .status(201);
    let value = camat.get(&format!("{IKU4}/2024")).await.status(200).json;
    assert_eq!(value["reason"], "not_recorded");
    for member in ["value", "numerator", "denominator", "exact", "achievement"] {
        assert_eq!(value[member], json!(null), "{member}");
    }
    assert_eq!(
        (&value["target"], &value["achievement_reason"]),
        (&json!(90), &json!("not_computable"))
    );
    assert!(
        value["reason_text"].as_str().unwrap().contains("records_from"),
        "{value}"
    );
    assert_eq!(value["information"], json!([]));
    for period in ["2023", "2024-Q2", "2025-Q2", "2025"] {
        assert_eq!(ask(&camat, IKU4, period).await, not_recorded(), "{period}");
        assert_eq!(ask(&camat, IKU5, period).await, not_recorded(), "{period}");
        assert_eq!(ask(&camat, IKU2, period).await, not_recorded(), "{period}");
    }
    let institutions = camat.in_english().get(&format!("{IKU2}/2025")).await.status(200).json;
    assert!(
        institutions["reason_text"]
            .as_str()
            .unwrap()
            .contains("Record the institutions")
    );
}

#[apply(both_databases)]
async fn a_recorded_report_makes_its_year_and_the_current_year_computable(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    // LPPD 2022 falls due in 2023.
    let report = deliver(&kasi, "2005", "lppd", 2022, "2023-03-14").await;
    assert_eq!(ask(&kasi, IKU4, "2023").await, computed(1));
    assert_eq!(ask(&kasi, IKU4, "2024").await, not_recorded());
    assert_eq!(
        ask(&kasi, IKU4, "2025").await,
        provisional(0),
        "the current year of an office that records"
    );
    assert_eq!(ask(&kasi, IKU4, "2025-Q1").await, computed(0));
    assert_eq!(
        ask(&kasi, IKU5, "2025").await,
        not_recorded(),
        "the other group has no records"
    );
    world.clock.set(instant("2026-01-02T08:00:00+08:00"));
    assert_eq!(
        ask(&kasi, IKU4, "2025").await,
        not_recorded(),
        "no longer the current year"
    );
    assert_eq!(ask(&kasi, IKU4, "2026").await, provisional(0));
    assert_eq!(
        ask(&kasi, IKU4, "2025?as_of=2025-12-31T15:59:59Z").await,
        provisional(0),
        "as it was known then"
    );

    // A deleted report is no record; a restored one is again, and the past stays.
    let path = format!("/v1/reports/{}", report["id"].as_str().unwrap());
    world.clock.set(instant("2026-01-03T08:00:00+08:00"));
    kasi.delete(&path, "*").await.status(204);
    assert_eq!(ask(&kasi, IKU4, "2023").await, not_recorded());
    assert_eq!(ask(&kasi, IKU4, "2026").await, not_recorded());
    world.clock.set(instant("2026-01-04T08:00:00+08:00"));
    let reason = json!({"reason": "Dihapus karena keliru"});
    kasi.post(&format!("{path}/restorations"), reason).await.status(200);
    for (as_of, known) in [
        ("2023", computed(1)),
        ("2023?as_of=2026-01-03T23:00:00Z", not_recorded()),
        ("2023?as_of=2026-01-02T23:00:00Z", computed(1)),
        ("2023?as_of=2025-06-30T23:00:00Z", not_recorded()),
    ] {
        assert_eq!(ask(&kasi, IKU4, as_of).await, known, "{as_of}");
    }
}

#[apply(both_databases)]
async fn the_camat_says_from_which_year_the_office_records(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = world.holder(Role::Head, Some(PARINGIN), &[]);
    let tag = camat.get(&format!("{IKU4}/2024")).await.status(200).etag();
    let from_2024 = json!({"records_from": {"administration": 2024}});
    let without = camat.patch(DISTRICT, "*", from_2024.clone()).await;
    without.problem(422, "reason_required");
    let mut with_reason = from_2024;
    with_reason["reason"] = json!("Register laporan ada sejak 2024");
    world.clock.set(instant("2025-07-02T08:00:00+08:00"));
    let changed = camat.patch(DISTRICT, "*", with_reason).await.status(200).json;
    assert_eq!(
        changed["records_from"],
        json!({"administration": 2024, "finance": null})
    );
    assert_eq!(
        changed["warnings"],
        json!([{"code": "periods_moved", "periods": ["2024-Q1", "2024-S1", "2024-Q3", "2024", "2025-Q1", "2025-S1"]}])
    );
    let next = camat
        .with("if-none-match", &tag)
        .get(&format!("{IKU4}/2024"))
        .await
        .status(200);
    assert_eq!((&next.json["value"], &next.json["exact"]), (&json!(0), &json!("0/1")));
    assert_eq!(ask(&camat, IKU4, "2023").await, not_recorded());
    assert_eq!(ask(&camat, IKU4, "2025").await, provisional(0));
    assert_eq!(ask(&camat, IKU5, "2024").await, not_recorded());
    assert_eq!(
        ask(&camat, IKU4, "2024?as_of=2025-07-01T23:59:59Z").await,
        not_recorded()
    );
    let removed = json!({"records_from": {"administration": null}, "reason": "Keliru"});
    camat.patch(DISTRICT, "*", removed).await.status(200);
    assert_eq!(ask(&camat, IKU4, "2024").await, not_recorded());
}

#[apply(both_databases)]
async fn a_register_that_was_emptied_counts_zero_and_one_that_never_was_counts_nothing(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pmd"]);
    let rt = json!({"village_code": village(DESA[0]), "kind": "rt", "name": "RT 1", "decrees": []});
    let made = kasi.post("/v1/institutions", rt).await.status(201);
    assert_eq!(
        ask(&kasi, IKU2, "2025-Q2").await,
        computed(0),
        "without a decree in force"
    );
    world.clock.set(instant("2025-07-02T08:00:00+08:00"));
    kasi.delete(made.header("location"), "*").await.status(204);
    assert_eq!(ask(&kasi, IKU2, "2025-Q2").await, computed(0), "it was recorded once");
    assert_eq!(
        ask(&kasi, IKU2, "2025-Q2?as_of=2025-06-30T23:00:00Z").await,
        not_recorded()
    );
}
