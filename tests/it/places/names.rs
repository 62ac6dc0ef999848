//! A table of a past year prints the names of that year.

use serde_json::{Value, json};

use super::{NEW, VILLAGES, deliver, village, world};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::assert_bodies_refused;
use crate::support::world::{BALANG, Client, instant};

const COMPLETENESS: &str = "/v1/reports/completeness?district_code=63.11.06";

/// Returns the name of Balang in the matrix of a year.
async fn in_matrix(reader: &Client, year: i32) -> Value {
    let mut matrix = reader
        .get(&format!("{COMPLETENESS}&year={year}"))
        .await
        .status(200)
        .json;
    let mut rows = matrix["villages"].take();
    let rows = rows.as_array_mut().unwrap().iter_mut();
    let mut named = rows.filter(|row| row["village_code"] == BALANG);
    named.next().unwrap()["name"].take()
}

/// Returns the names of Balang in an explanation.
async fn in_explanation(reader: &Client, indicator: u8, period: &str) -> Vec<String> {
    let path = format!("/v1/indicators/paringin-iku-{indicator}/realisations/{period}");
    let (path, as_of) = path.split_once('?').unwrap_or((&path, ""));
    let explanation = reader
        .get(&format!("{path}/explanation?{as_of}"))
        .await
        .status(200)
        .json;
    let lists = explanation["inputs"].as_object().unwrap().values();
    let rows = lists.flat_map(|list| list.as_array().unwrap());
    let mut names: Vec<String> = rows
        .filter(|row| row["village_code"] == BALANG)
        .map(|row| row["village_name"].as_str().unwrap().to_owned())
        .collect();
    names.dedup();
    names
}

#[apply(both_databases)]
async fn tables_print_the_name_of_their_year(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    for year in 2024..=2026 {
        deliver(&admin, BALANG, year).await;
    }
    let decree = json!({"number": "1", "issued_on": "2023-06-20", "starts_on": "2023-07-01"});
    let rt = json!({"village_code": BALANG, "kind": "rt", "name": "RT 01", "decrees": [decree]});
    admin.post("/v1/institutions", rt).await.status(201);
    for occurred_at in ["2024-05-05T08:00:00+08:00", "2026-05-05T08:00:00+08:00"] {
        let case =
            json!({"village_code": BALANG, "category": "jalan", "occurred_at": occurred_at, "summary": "Balap liar"});
        admin.post("/v1/cases", case).await.status(201);
    }
    world.clock.set(instant("2026-11-27T10:00:00+08:00"));
    let path = format!("{VILLAGES}/{BALANG}");
    let renamed = json!({"name": "Balang Hulu", "name_from": "2026-01-01", "reason": "Perda 3/2025"});
    let renamed = admin.patch(&path, "*", renamed).await.status(200);
    assert_eq!(renamed.json["name"], "Balang Hulu");
    assert_eq!(
        renamed.json["former_names"],
        json!([{"name": "Balang", "until": "2025-12-31"}])
    );
    // A name moves no value.
    assert!(renamed.json.get("warnings").is_none());

    for (year, name) in [(2024, "Balang"), (2025, "Balang"), (2026, "Balang Hulu")] {
        assert_eq!(in_matrix(&admin, year).await, name, "{year}");
    }
    for indicator in [2, 3, 4, 5] {
        assert_eq!(in_explanation(&admin, indicator, "2024").await, ["Balang"]);
        assert_eq!(in_explanation(&admin, indicator, "2026").await, ["Balang Hulu"]);
        // Nobody knew of the new name yet.
        let as_of = "2026?as_of=2026-11-27T09:30:00%2B08:00";
        assert_eq!(in_explanation(&admin, indicator, as_of).await, ["Balang"]);
    }
}

#[apply(both_databases)]
async fn a_rename_without_a_day_holds_from_today(backend: Backend) {
    let world = world(backend).await;
    let admin = world.admin();
    let path = format!("{VILLAGES}/{BALANG}");
    let former = async |patch: Value| {
        let changed = admin.patch(&path, "*", patch).await.status(200);
        changed.json["former_names"].clone()
    };
    let today = former(json!({"name": "Balang Hulu"})).await;
    assert_eq!(today, json!([{"name": "Balang", "until": "2026-11-26"}]));
    assert_eq!(in_matrix(&admin, 2025).await, "Balang");
    assert_eq!(in_matrix(&admin, 2026).await, "Balang Hulu");
    // The day alone dates the name that it has.
    let earlier = former(json!({"name_from": "2026-08-17"})).await;
    assert_eq!(earlier, json!([{"name": "Balang", "until": "2026-08-16"}]));
    let again = former(json!({"name": "Balang Udik", "name_from": "2026-10-01"})).await;
    let both = json!([{"name": "Balang", "until": "2026-08-16"}, {"name": "Balang Hulu", "until": "2026-09-30"}]);
    assert_eq!(again, both);
    // It was a mistake in writing all the time.
    let always = json!({"name": "Belang", "name_from": null});
    let rows = [(always.clone(), 422, "reason_required", "#/reason")];
    assert_bodies_refused(&admin, "PATCH", &path, rows).await;
    let mut always = always;
    always["reason"] = json!("Ejaan menurut Perda");
    assert_eq!(former(always).await, json!([]));
    assert_eq!(in_matrix(&admin, 2024).await, "Belang");
    let rows = [
        (
            json!({"name": "Balang", "name_from": "2025-12-31"}),
            422,
            "reason_required",
            "#/reason",
        ),
        (
            json!({"name": "Balang", "name_from": "2026-11-28"}),
            422,
            "future_instant",
            "#/name_from",
        ),
        (json!({"name_from": "kemarin"}), 400, "invalid_body", "#/name_from"),
    ];
    assert_bodies_refused(&admin, "PATCH", &path, rows).await;

    // A village that has not begun has had no other name.
    admin.post(VILLAGES, village()).await.status(201);
    let renamed = json!({"name": "Balang Muda"});
    let renamed = admin
        .patch(&format!("{VILLAGES}/{NEW}"), "*", renamed)
        .await
        .status(200);
    assert_eq!(renamed.json["former_names"], json!([]));
}
