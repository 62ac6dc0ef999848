//! A change of the plan names a first year; what it does to years that are over needs a reason and is said.

use serde_json::{Value, json};

use super::{INDICATORS, KINDS, shipped, trial, with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::assert_bodies_refused;
use crate::support::world::{BALANG, Client, World};

const NOW: &str = "2026-07-15T09:00:00+08:00";
const IKU_4: &str = "/v1/indicators/paringin-iku-4";

fn moved(periods: &[&str]) -> Value {
    json!({"code": "periods_moved", "periods": periods})
}

async fn warnings(admin: &Client, path: &str, patch: Value) -> Value {
    let changed = admin.patch(path, "*", patch).await.status(200);
    let shown = changed.json.get("warnings").cloned().unwrap_or(json!([]));
    // They are of the change, not of the record.
    assert_eq!(admin.get(path).await.status(200).json.get("warnings"), None);
    shown
}

/// Cases 52 and A5: the end of a decree hides indicators that have targets or facts.
#[apply(both_databases)]
async fn the_end_of_a_decree_names_what_it_hides(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    // A target of 2026, a case of 2026, a report that fell due in 2026; nothing of IKU 1 and 2.
    admin
        .put("/v1/indicators/paringin-iku-5/targets/2026", json!({"value": 90}))
        .await
        .status(201);
    let case = json!({"village_code": BALANG, "category": "sosial", "occurred_at": "2026-03-14T21:30:00+08:00", "summary": "Balap liar"});
    admin.post("/v1/cases", case).await.status(201);
    let report = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2025, "delivered_on": "2025-12-20"});
    admin.post("/v1/reports", report).await.status(201);

    let path = shipped();
    let ended = json!({"last_year": 2025});
    let rows = [(ended.clone(), 422, "reason_required", "#/reason")];
    assert_bodies_refused(&admin, "PATCH", &path, rows).await;
    let hidden =
        json!({"code": "indicators_hidden", "indicators": ["paringin-iku-3", "paringin-iku-4", "paringin-iku-5"]});
    let ended = with(ended, json!({"reason": "Dicabut"}));
    let expected = json!([moved(&["2026-Q1", "2026-S1"]), hidden]);
    assert_eq!(warnings(&admin, &path, ended).await, expected);
    // Back again: the periods get their values back, and nothing is hidden.
    let back = json!({"last_year": 2026});
    assert_eq!(
        warnings(&admin, &path, back).await,
        json!([moved(&["2026-Q1", "2026-S1"])])
    );
    let longer = json!({"last_year": 2028});
    assert_eq!(warnings(&admin, &path, longer).await, json!([]));
    let titled = json!({"title": "Lain"});
    assert_eq!(warnings(&admin, &path, titled).await, json!([]));

    // Surveys and institutions count from their days on.
    let survey = json!({
        "district_code": "63.11.06", "title": "SKM", "section": "pelayanan-kessos", "starts_on": "2025-01-06",
        "ends_on": "2025-06-30",
    });
    admin.post("/v1/surveys", survey).await.status(201);
    let decree = json!({"number": "1", "issued_on": "2020-01-01", "starts_on": "2020-01-01", "ends_on": "2024-12-31"});
    let lpm = json!({"village_code": BALANG, "kind": "lpm", "name": "LPM", "decrees": [decree]});
    admin.post("/v1/institutions", lpm).await.status(201);
    for (last, indicators) in [
        (2025, json!(["paringin-iku-3", "paringin-iku-4", "paringin-iku-5"])),
        (2024, json!(["paringin-iku-1"])),
        (2023, json!(["paringin-iku-2"])),
    ] {
        let ended = json!({"last_year": last, "reason": "Dicabut"});
        let said = warnings(&admin, &path, ended).await;
        assert_eq!(said[1]["indicators"], indicators, "{last}: {said:#}");
    }
}

#[apply(both_databases)]
async fn a_correction_from_a_year_that_is_over_needs_a_reason(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let lower = json!({"from_year": 2025, "polarity": "lower_is_better"});
    let rows = [
        (lower.clone(), 422, "reason_required", "#/reason"),
        (
            json!({"from_year": 2025, "name": "Lain"}),
            422,
            "reason_required",
            "#/reason",
        ),
        (
            json!({"from_year": 2025, "name": "Lain", "reason": null}),
            422,
            "reason_required",
            "#/reason",
        ),
    ];
    assert_bodies_refused(&admin, "PATCH", IKU_4, rows).await;
    let new = with(trial(), json!({"reason": null}));
    let rows = [(new, 422, "reason_required", "#/reason")];
    assert_bodies_refused(&admin, "POST", INDICATORS, rows).await;

    let of_2025 = ["2025-Q1", "2025-S1", "2025-Q3", "2025", "2026-Q1", "2026-S1"];
    let reason = json!({"reason": "Salah baca"});
    assert_eq!(
        warnings(&admin, IKU_4, with(lower, reason.clone())).await,
        json!([moved(&of_2025)])
    );
    // Words move nothing; this year needs no reason.
    let words = with(json!({"from_year": 2025, "name": "Lain"}), reason.clone());
    assert_eq!(warnings(&admin, IKU_4, words).await, json!([]));
    let this_year = json!({"from_year": 2026, "polarity": "higher_is_better"});
    assert_eq!(
        warnings(&admin, IKU_4, this_year).await,
        json!([moved(&["2026-Q1", "2026-S1"])])
    );
    // Later wordings keep their rule, so their years do not move.
    let first = with(json!({"from_year": 2024, "polarity": "lower_is_better"}), reason);
    let of_2024 = ["2024-Q1", "2024-S1", "2024-Q3", "2024"];
    assert_eq!(warnings(&admin, IKU_4, first).await, json!([moved(&of_2024)]));
    let made = admin
        .post(INDICATORS, with(trial(), json!({"from_year": 2026, "reason": null})))
        .await;
    assert_eq!(
        made.status(201).json["warnings"],
        json!([moved(&["2026-Q1", "2026-S1"])])
    );
    let again = admin
        .post(INDICATORS, with(trial(), json!({"from_year": 2026, "reason": null})))
        .await;
    assert_eq!(again.status(200).json.get("warnings"), None);
}

/// Case 18: the due date of one year moves, and that of the others does not.
#[apply(both_databases)]
async fn a_due_date_moves_in_one_year(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let kind = format!("{KINDS}/apbdes-s1");
    let due = async |year: i32| {
        let path = format!("/v1/reports/completeness?district_code=63.11.06&group=finance&year={year}");
        let matrix = admin.get(&path).await.status(200).json;
        let cells = matrix["villages"][0]["cells"].as_array().unwrap().clone();
        let cell = cells.iter().find(|cell| cell["kind"] == "apbdes-s1").unwrap();
        cell["due_on"].as_str().unwrap().to_owned()
    };
    let moved_day = json!({"from_year": 2025, "due_day": 31});
    assert_bodies_refused(
        &admin,
        "PATCH",
        &kind,
        [(moved_day.clone(), 422, "reason_required", "#/reason")],
    )
    .await;
    let moved_day = with(moved_day, json!({"reason": "Surat Bupati"}));
    let of_2025 = ["2025-Q1", "2025-S1", "2025-Q3", "2025", "2026-Q1", "2026-S1"];
    assert_eq!(warnings(&admin, &kind, moved_day).await, json!([moved(&of_2025)]));
    let back = json!({"from_year": 2026, "due_day": 14});
    assert_eq!(
        warnings(&admin, &kind, back).await,
        json!([moved(&["2026-Q1", "2026-S1"])])
    );
    let mut days = Vec::new();
    for year in [2024, 2025, 2026] {
        days.push(due(year).await);
    }
    assert_eq!(days, ["2024-07-14", "2025-07-31", "2026-07-14"]);
    // Who confirms moves nothing.
    let confirmed = json!({"from_year": 2020, "confirmed": true, "reason": "Rapat"});
    assert_eq!(warnings(&admin, &kind, confirmed).await, json!([]));
}

/// Cases 18 and 19: day 31 is the last day of every month.
#[apply(both_databases)]
async fn a_day_past_the_end_of_the_month_is_its_last(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let last = json!({"from_year": 2023, "due_day": 31, "reason": "Akhir Februari"});
    admin.patch(&format!("{KINDS}/dd-tahunan"), "*", last).await.status(200);
    for (year, day) in [(2024, "2024-02-29"), (2025, "2025-02-28")] {
        let path = format!("/v1/reports/completeness?district_code=63.11.06&group=finance&year={year}");
        let matrix = admin.get(&path).await.status(200).json;
        let cells = matrix["villages"][0]["cells"].as_array().unwrap();
        let cell = cells.iter().find(|cell| cell["kind"] == "dd-tahunan").unwrap();
        assert_eq!(cell["due_on"], day);
    }
}

/// Case 45: the targets of the agreement (murni) and of its revision (perubahan) are both readable.
#[apply(both_databases)]
async fn former_targets_are_read_with_who_when_and_why(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = world.holder(iku::access::Role::Head, Some("63.11.06"), &[]);
    let path = format!("{IKU_4}/targets/2026");
    let first = json!({"value": 90, "basis": "PK 2026", "reason": "Murni"});
    let made = camat.put(&path, first.clone()).await.status(201);
    assert_eq!(made.json.get("reason"), None);
    let again = with(first, json!({"reason": "Sekali lagi"}));
    assert_eq!(
        camat.put(&path, again).await.status(200).etag(),
        made.etag(),
        "nothing changes"
    );
    world.clock.set("2026-10-01T01:00:00Z".parse().unwrap());
    let revised = json!({"value": 95, "basis": "PK Perubahan 2026", "reason": "APBD Perubahan"});
    camat
        .with("if-match", &made.etag())
        .put(&path, revised)
        .await
        .status(200);
    camat.delete(&path, "*").await.status(204);
    let versions = camat.all(&format!("{IKU_4}/targets/2026-Q4/versions")).await;
    let read: Vec<_> = versions
        .iter()
        .map(|v| {
            (
                v["content"]["value"].as_i64(),
                v["reason"].as_str(),
                v["deleted"].as_bool(),
            )
        })
        .collect();
    assert_eq!(
        read,
        [
            (Some(90), Some("Murni"), Some(false)),
            (Some(95), Some("APBD Perubahan"), Some(false)),
            (Some(95), Some("uji"), Some(true))
        ]
    );
    assert!(versions.iter().all(|v| v["recorded_by"] == "test.head"));
    let stranger = world.stranger();
    stranger
        .get(&format!("{path}/versions"))
        .await
        .problem(404, "not_found");
    camat
        .get(&format!("{IKU_4}/targets/2025/versions"))
        .await
        .problem(404, "not_found");
    camat
        .get(&format!("{IKU_4}/targets/2026-05/versions"))
        .await
        .problem(422, "rule_broken");
}
