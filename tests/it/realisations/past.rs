//! Values of past instants, and the tags of values.

use serde_json::json;

use super::{IKU4, NOW, deliver};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{World, instant};

#[apply(both_databases)]
async fn as_of_returns_the_value_that_was_known_then(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T12:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    deliver(&kasi, "2005", "lppd", 2024, "2025-03-14").await;
    world.clock.set(instant("2025-07-05T12:00:00+08:00"));
    let late_entry = deliver(&kasi, "2006", "lppd", 2024, "2025-03-20").await;
    world.clock.set(instant("2025-07-10T12:00:00+08:00"));
    let path = format!("/v1/reports/{}", late_entry["id"].as_str().unwrap());
    kasi.patch(&path, "*", json!({"status": "returned"})).await.status(200);

    let at = async |as_of: &str| {
        kasi.get(&format!("{IKU4}/2025-Q2?as_of={as_of}"))
            .await
            .status(200)
            .json
    };
    let seen = [
        ("2025-06-30T11:59:59%2B08:00", json!(null), "not_computable"),
        ("2025-06-30T12:00:00%2B08:00", json!(1), "provisional"),
        ("2025-07-05T12:00:00%2B08:00", json!(2), "computed"),
        ("2025-07-10T11:59:00%2B08:00", json!(2), "computed"),
        ("2025-07-10T12:00:00%2B08:00", json!(1), "computed"),
    ];
    for (as_of, numerator, status) in seen {
        let r = at(as_of).await;
        assert_eq!((&r["numerator"], &r["status"]), (&numerator, &json!(status)), "{as_of}");
    }
    assert_eq!(
        at("2025-07-05T12:00:00%2B08:00").await["facts_recorded_at"],
        late_entry["recorded_at"]
    );
    kasi.get(&format!("{IKU4}/2025-Q2?as_of=2025-07-10T12:00:01%2B08:00"))
        .await
        .problem(422, "future_instant");
    kasi.get(&format!("{IKU4}/2025-Q2?as_of=yesterday"))
        .await
        .problem(400, "invalid_query");
    let before = kasi
        .get(&format!("{IKU4}/2025-Q2?as_of=2024-12-31T23:00:00%2B08:00"))
        .await
        .status(200)
        .json;
    assert_eq!(
        (&before["status"], &before["reason"]),
        (&json!("not_computable"), &json!("period_not_started"))
    );
}

/// As people type it: the plus of the offset is not escaped, or there is a day alone. What the message shows can be pasted.
#[apply(both_databases)]
async fn as_of_is_taken_as_people_type_it(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]).in_english();
    let path = |as_of: &str| format!("{IKU4}/2025-Q2?as_of={as_of}");
    let escaped = kasi.get(&path("2025-06-30T23:59:59%2B08:00")).await.status(200).json;
    assert_eq!(escaped["as_of"], "2025-06-30T15:59:59Z");
    let pasted = kasi.get(&path("2025-06-30T23:59:59+08:00")).await.status(200).json;
    assert_eq!(pasted, escaped);
    let refused = kasi.get(&path("2025-06-30")).await.problem(400, "invalid_query");
    assert_eq!(refused.pointers(), ["as_of"]);
    let detail = refused.json["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("%2B"), "{detail}");
    let example = detail
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .unwrap()
        .0;
    assert_eq!(example, "2025-06-30T09:00:00+08:00");
    let shown = kasi.get(&path(example)).await.status(200).json;
    assert_eq!(shown["as_of"], "2025-06-30T01:00:00Z");
}

#[apply(both_databases)]
async fn the_tag_changes_with_the_facts_and_the_day(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T12:00:00+08:00").await;
    let kasi = world.officer(&["pemerintahan"]);
    let path = format!("{IKU4}/2025-Q2");
    let first = kasi.get(&path).await.status(200).etag();
    kasi.with("if-none-match", &first).get(&path).await.status(304);
    assert_ne!(kasi.in_english().get(&path).await.status(200).etag(), first);
    deliver(&kasi, "2005", "lppd", 2024, "2025-03-14").await;
    let second = kasi.with("if-none-match", &first).get(&path).await.status(200);
    assert_eq!(second.json["status"], "provisional");
    world.clock.set(instant("2025-07-01T00:00:00+08:00"));
    let third = kasi.with("if-none-match", &second.etag()).get(&path).await.status(200);
    assert_eq!(third.json["status"], "computed");
}

#[apply(both_databases)]
async fn facts_recorded_at_is_that_of_the_counted_facts(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let report = deliver(&admin, "2005", "lppd", 2024, "2025-03-14").await;
    let at = "as_of=2025-07-01T08:00:01%2B08:00";
    world.clock.set(instant("2025-07-02T08:00:00+08:00"));
    for unrelated in [("dd-tahunan", 2024), ("lppd", 2023)] {
        deliver(&admin, "2005", unrelated.0, unrelated.1, "2025-03-14").await;
        for path in [format!("{IKU4}/2025"), format!("{IKU4}/2025?{at}")] {
            let r = admin.get(&path).await.status(200).json;
            assert_eq!(r["facts_recorded_at"], report["recorded_at"], "{path}");
        }
    }
    let before = admin
        .get(&format!("{IKU4}/2025?as_of=1960-01-01T00:00:00Z"))
        .await
        .status(200)
        .json;
    assert_eq!(before["reason"], "period_not_started");
}
