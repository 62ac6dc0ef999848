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

/// A quarter is compared with its own target and with that of the year: 3 of 28 against 20 and against 90, unrounded.
#[apply(both_databases)]
async fn a_quarter_has_the_achievement_of_the_year_too(backend: Backend) {
    let world = World::on(backend).at("2025-07-01T08:00:00+08:00").await;
    let admin = world.admin();
    for desa in &DESA[..3] {
        deliver(&admin, desa, "lppd", 2024, "2025-03-14").await;
    }
    let iku4 = "/v1/indicators/paringin-iku-4";
    let shown = async |period: &str| {
        let value = admin
            .get(&format!("{iku4}/realisations/{period}"))
            .await
            .status(200)
            .json;
        [
            "target",
            "achievement",
            "year_target",
            "year_achievement",
            "year_achievement_reason",
        ]
        .map(|member| value[member].clone())
    };
    let none = Value::Null;
    let nothing = [
        none.clone(),
        none.clone(),
        none.clone(),
        none.clone(),
        json!("no_target"),
    ];
    assert_eq!(shown("2025-Q2").await, nothing);
    for (period, value) in [("2025-S1", 20), ("2025", 90)] {
        let target = json!({"value": value});
        admin.put(&format!("{iku4}/targets/{period}"), target).await.status(201);
    }
    let both = [json!(20), json!(53.57), json!(90), json!(11.9), none.clone()];
    assert_eq!(shown("2025-Q2").await, both);
    // A month without a target of its own has that of the year, and the year has one target under two names.
    let of_year = [none.clone(), none.clone(), json!(90), json!(11.9), none.clone()];
    assert_eq!(shown("2025-05").await, of_year);
    assert_eq!(
        shown("2025").await,
        [json!(90), json!(11.9), json!(90), json!(11.9), none.clone()]
    );
    // Nothing is measured in 2024, and its target of 0 has no ratio.
    let zero = json!({"value": 0});
    admin.put(&format!("{iku4}/targets/2024"), zero).await.status(201);
    let of_2024 = [none.clone(), none.clone(), json!(0), none, json!("target_zero")];
    assert_eq!(shown("2024-Q2").await, of_2024);
}
