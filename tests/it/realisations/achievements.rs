//! Achievements that offices published, reached through the API: never capped, negative where lower is better, and the mean of an
//! objective.

use serde_json::{Value, json};

use super::{DESA, deliver, village};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World};

const IKU2: &str = "/v1/indicators/paringin-iku-2";

async fn set_target(admin: &Client, indicator: &str, value: f64) {
    let path = format!("/v1/indicators/{indicator}/targets/2025");
    let reply = admin.put(&path, json!({"value": value})).await;
    if reply.status == 428 {
        admin
            .with("if-match", "*")
            .put(&path, json!({"value": value, "reason": "Perubahan"}))
            .await
            .status(200);
    } else {
        reply.status(201);
    }
}

/// 66 Posyandu whose decrees are in force at the end of 2025.
async fn sixty_six_institutions(admin: &Client) {
    let decree = json!({"number": "1", "issued_on": "2024-01-02", "starts_on": "2024-01-02"});
    for n in 0..66 {
        let desa = village(DESA[n % DESA.len()]);
        let name = format!("Posyandu {n}");
        let one = json!({"village_code": desa, "kind": "posyandu", "name": name, "decrees": [decree]});
        admin.post("/v1/institutions", one).await.status(201);
    }
}

async fn all_reports(admin: &Client) {
    for kind in iku::shipped::report_kinds() {
        for desa in DESA {
            let fiscal_year = 2025 + kind.fiscal_year_offset;
            deliver(admin, desa, &kind.code, fiscal_year, "2025-12-01").await;
        }
    }
}

/// Demak: 100 and 141.92 have the mean 120.96. Kediri: 206.25.
#[apply(both_databases)]
async fn objectives_have_the_mean_of_their_rounded_achievements(backend: Backend) {
    let world = World::on(backend).at("2026-01-05T08:00:00+08:00").await;
    let admin = world.admin();
    sixty_six_institutions(&admin).await;
    all_reports(&admin).await;
    for (indicator, target) in [
        ("paringin-iku-2", 32.0),
        ("paringin-iku-4", 100.0),
        ("paringin-iku-5", 70.46),
    ] {
        set_target(&admin, indicator, target).await;
    }
    let sheet = format!("/v1/realisations?period=2025&district_code={PARINGIN}");
    let sheet = admin.get(&sheet).await.status(200).json;
    let member = |list: &Value, name: &str| {
        let items = list.as_array().unwrap().iter();
        items.map(|item| item[name].clone()).collect::<Vec<_>>()
    };
    let reached = member(&sheet["items"], "achievement");
    assert_eq!(
        reached,
        [json!(null), json!(206.25), json!(null), json!(100), json!(141.92)]
    );
    let categories = member(&sheet["items"], "achievement_category");
    assert_eq!(categories[1], "sangat_tinggi");
    let objectives = member(&sheet["objectives"], "achievement");
    assert_eq!(objectives, [json!(null), json!(206.25), json!(null), json!(120.96)]);
}

/// Where lower is better, twice the target is 0, and more than that is negative.
#[apply(both_databases)]
async fn lower_is_better_falls_below_zero(backend: Backend) {
    let world = World::on(backend).at("2026-01-05T08:00:00+08:00").await;
    let admin = world.admin();
    sixty_six_institutions(&admin).await;
    let lower = json!({"from_year": 2025, "polarity": "lower_is_better", "reason": "Dibalik"});
    admin.patch(IKU2, "*", lower).await.status(200);
    let value = async || admin.get(&format!("{IKU2}/realisations/2025")).await.status(200).json;
    for (target, reached, category) in [
        (60.0, json!(90), "tinggi"),
        (66.0, json!(100), "sangat_tinggi"),
        (33.0, json!(0), "sangat_rendah"),
        (20.0, json!(-130), "sangat_rendah"),
        (100.0, json!(134), "sangat_tinggi"),
    ] {
        set_target(&admin, "paringin-iku-2", target).await;
        let value = value().await;
        assert_eq!(
            (&value["value"], &value["achievement"]),
            (&json!(66), &reached),
            "{target}"
        );
        assert_eq!(value["achievement_category"], category, "{target}");
    }
    // A count that must be 0 has no ratio.
    set_target(&admin, "paringin-iku-2", 0.0).await;
    let value = value().await;
    assert_eq!((&value["value"], &value["target"]), (&json!(66), &json!(0)));
    assert_eq!(
        (
            &value["achievement"],
            &value["achievement_category"],
            &value["achievement_reason"]
        ),
        (&json!(null), &json!(null), &json!("target_zero"))
    );
}
