//! Where a closed value is shown: one, list, series and the whole regency, in every equivalent period and in both languages.

use serde_json::{Value, json};

use super::{IKU4, NOW, SHEET, close, deliver, head};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{World, instant};

/// One report is closed; then a second one comes in.
async fn with_late_fact(backend: Backend) -> (World, Value) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    deliver(&kasi, "2005", "lppd").await;
    let target = json!({"value": 50, "basis": "Perjanjian Kinerja 2025", "reason": "Murni"});
    let path = "/v1/indicators/paringin-iku-4/targets/2025-S1";
    head(&world).put(path, target.clone()).await.status(201);
    let before = kasi.get(&format!("{IKU4}/2025-S1")).await.status(200).json;
    let closing = close(&head(&world), "2025-S1", None).await.status(201).json;
    deliver(&kasi, "2006", "lppd").await;
    // The target of the period is revised, too: what was closed keeps its target.
    let revised = json!({"value": 60, "basis": "Perubahan", "reason": "Perubahan"});
    head(&world).put(path, revised).await.status(428);
    world.clock.set(instant("2025-07-16T09:00:00+08:00"));
    let mut shown = before;
    shown["closing"] = json!({
        "id": closing["id"], "version": 1, "closed_at": closing["closed_at"], "closed_by": "test.head",
        "statement_sha256": closing["statement"]["sha256"],
        "revised": {"value": 7.14, "exact": "1/14", "changed": true},
    });
    (world, shown)
}

fn in_period(shown: &Value, period: &str) -> Value {
    let mut shown = shown.clone();
    shown["period"] = period.into();
    shown
}

#[apply(both_databases)]
async fn every_answer_about_the_period_shows_the_closed_value(backend: Backend) {
    let (world, shown) = with_late_fact(backend).await;
    let kasi = world.officer(&[]);
    for period in ["2025-S1", "2025-Q2", "2025-06"] {
        let one = kasi.get(&format!("{IKU4}/{period}")).await.status(200).json;
        assert_eq!(one, in_period(&shown, period));
        let sheet = kasi.get(&format!("{SHEET}={period}")).await.status(200).json;
        assert_eq!(sheet["items"][3], in_period(&shown, period));
        // 1 of 28 against 50, and not 2 of 28.
        assert_eq!(sheet["objectives"][3]["achievement"], 7.14, "{:#}", sheet["objectives"]);
        let pages = kasi.all(&format!("{SHEET}={period}&limit=2")).await;
        assert_eq!(pages[3], in_period(&shown, period));
        let everywhere = world
            .admin()
            .all(&format!("/v1/realisations?period={period}&limit=2"))
            .await;
        assert_eq!(everywhere[3], in_period(&shown, period));
    }
    let series = kasi.all(&format!("{IKU4}?from=2025-Q1&to=2025-Q3")).await;
    assert_eq!(series[1], in_period(&shown, "2025-Q2"));
    assert_eq!(
        (&series[0]["closing"], &series[2]["closing"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(series[2]["exact"], "1/14");
    let months = kasi.all(&format!("{IKU4}?from=2025-05&to=2025-07&limit=1")).await;
    assert_eq!(months[1], in_period(&shown, "2025-06"));

    let english = kasi.in_english().get(&format!("{IKU4}/2025-Q2")).await.status(200).json;
    let texts = [&english, &shown].map(|realisation| realisation["formula"]["text"].as_str().unwrap().to_owned());
    assert!(
        texts[0].contains("reports") && texts[1].contains("laporan"),
        "{texts:?}"
    );
    assert_eq!(english["closing"], shown["closing"]);
}

#[apply(both_databases)]
async fn with_an_instant_and_in_explanations_everything_is_computed(backend: Backend) {
    let (world, shown) = with_late_fact(backend).await;
    let kasi = world.officer(&[]);
    let now = kasi
        .get(&format!("{IKU4}/2025-S1?as_of=2025-07-16T08:59:59%2B08:00"))
        .await
        .status(200)
        .json;
    assert_eq!((&now["exact"], &now["closing"]), (&json!("1/14"), &Value::Null));
    let closed_at = shown["closing"]["closed_at"].as_str().unwrap();
    let then = kasi
        .get(&format!("{IKU4}/2025-S1?as_of={closed_at}"))
        .await
        .status(200)
        .json;
    assert_eq!((&then["exact"], &then["closing"]), (&json!("1/28"), &Value::Null));
    let explanation = kasi.get(&format!("{IKU4}/2025-S1/explanation")).await.status(200).json;
    assert_eq!(
        (&explanation["contributing"], &explanation["realisation"]["closing"]),
        (&json!(2), &Value::Null)
    );
    let gap = kasi
        .get(&format!("{IKU4}/2025-S1/gap?target=50"))
        .await
        .status(200)
        .json;
    assert_eq!(gap["realisation"]["exact"], "1/14");
    let difference = kasi
        .get(&format!("{IKU4}/2025-S1/difference?from={closed_at}"))
        .await
        .status(200)
        .json;
    assert_eq!(
        (&difference["from"]["exact"], &difference["to"]["exact"]),
        (&json!("1/28"), &json!("1/14"))
    );
}

/// An indicator that was withdrawn after the closing keeps its closed value.
#[apply(both_databases)]
async fn a_withdrawn_indicator_keeps_its_closed_value(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let (admin, camat) = (world.admin(), head(&world));
    let trial = json!({
        "code": "coba", "decree_id": iku::shipped::decree().id, "number": 6, "objective": "Sasaran", "name": "Coba",
        "meaning": "Makna", "selection_reason": "Alasan", "formula_text": "Rumus", "reference": "Rujukan",
        "responsible": "Camat", "source": "Seksi PMD", "unit": "percent", "polarity": "higher_is_better",
        "formula": {"kind": "report_delivery", "group": "administration"}, "reason": "Uji coba",
    });
    admin.post("/v1/indicators", trial).await.status(201);
    deliver(&world.officer(&["pemerintahan"]), "2005", "lppd").await;
    let closing = close(&camat, "2025-S1", None).await.status(201).json;
    let path = "/v1/indicators/coba/realisations/2025-Q2";
    let mut shown = camat.get(path).await.status(200).json;
    assert_eq!(shown["closing"]["revised"]["changed"], false);
    admin.delete("/v1/indicators/coba", "*").await.status(200);
    shown["closing"]["revised"] = Value::Null;
    assert_eq!(camat.get(path).await.status(200).json, shown);
    let sheet = camat.all(&format!("{SHEET}=2025-Q2&limit=4")).await;
    assert_eq!((sheet.len(), &sheet[5]), (6, &shown));
    camat
        .get("/v1/indicators/coba/realisations/2025-Q1")
        .await
        .problem(404, "not_found");
    world.clock.set(instant("2025-07-16T09:00:00+08:00"));
    let as_of = format!("{path}?as_of=2025-07-16T08:00:00%2B08:00");
    camat.get(&as_of).await.problem(404, "not_found");
    let revisions = camat
        .all(&format!(
            "/v1/closings/{}/revisions?limit=5",
            closing["id"].as_str().unwrap()
        ))
        .await;
    let last = &revisions[5];
    assert_eq!(
        (&last["indicator_code"], &last["exact"]),
        (&json!("coba"), &shown["exact"])
    );
    assert_eq!((&last["revised"], &last["difference"]), (&Value::Null, &Value::Null));
}

/// A list of closed values changes its tag with the next closing, and with a late fact.
#[apply(both_databases)]
async fn the_tag_follows_the_closing(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let (camat, kasi) = (head(&world), world.officer(&["pemerintahan"]));
    let paths = [
        format!("{IKU4}/2025-Q2"),
        format!("{SHEET}=2025-S1"),
        format!("{IKU4}?from=2025-Q1&to=2025-Q2"),
    ];
    let tags = async || {
        let mut tags = Vec::new();
        for path in &paths {
            tags.push(camat.get(path).await.status(200).etag());
        }
        tags
    };
    let open = tags().await;
    close(&camat, "2025-S1", None).await.status(201);
    let closed = tags().await;
    close(&camat, "2025-S1", Some("Uji")).await.status(201);
    let again = tags().await;
    deliver(&kasi, "2005", "lppd").await;
    let revised = tags().await;
    for (n, path) in paths.iter().enumerate() {
        let all = [&open[n], &closed[n], &again[n], &revised[n]];
        assert!(
            (1..4).all(|later| (0..later).all(|earlier| all[earlier] != all[later])),
            "{path}: {all:?}"
        );
        camat.with("if-none-match", &revised[n]).get(path).await.status(304);
    }
}

/// A closing stores realisations as JSON. A later version of the service must still read what this one stored.
#[test]
fn stored_values_of_the_first_version_are_read() {
    let stored = include_str!("stored_values.json");
    let values: iku::results::realisations::closed::ClosedValues = serde_json::from_str(stored).unwrap();
    let iku4 = &values["paringin-iku-4"];
    assert_eq!(iku4.id.exact.as_deref(), Some("1/28"));
    assert_eq!(iku4.en.indicator.number, 4);
    // Members that this version did not store.
    assert_eq!((iku4.id.year_target, iku4.id.year_achievement), (None, None));
}
