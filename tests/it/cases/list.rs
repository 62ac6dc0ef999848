//! Which cases a list shows, and in which year a case counts.

use std::collections::BTreeSet;

use serde_json::json;

use super::{NOW, event, record, waste};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, PARINGIN, PARINGIN_KOTA, World, instant};

#[apply(both_databases)]
async fn filters_and_pages(backend: Backend, #[values("occurred_at", "-occurred_at", "village_code")] sort: &str) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    for i in 0..10 {
        let mut case = waste();
        case["occurred_at"] = json!(format!("2025-03-{:02}T10:00:00Z", 10 + i / 2));
        case["village_code"] = json!(if i % 2 == 0 { BALANG } else { PARINGIN_KOTA });
        record(&admin, case).await;
    }
    let mut late = waste();
    // Still 2024 in UTC, 2025 in WITA.
    late["occurred_at"] = json!("2024-12-31T16:10:00Z");
    late["category"] = json!("sosial");
    let late = record(&admin, late).await;
    admin
        .post(
            &format!("{late}/events"),
            event("rejected", "2025-01-02T08:00:00+08:00"),
        )
        .await
        .status(201);
    let count = async |filter: &str| admin.all(&format!("/v1/cases?limit=3&{filter}")).await.len();
    assert_eq!(count("occurred_from=2025-01-01&occurred_to=2025-01-01").await, 1);
    assert_eq!(count("occurred_to=2024-12-31").await, 0);
    assert_eq!(count("occurred_from=2025-03-11").await, 8);
    assert_eq!(count("status=rejected").await, 1);
    assert_eq!(count("category=lingkungan").await, 10);
    assert_eq!(count(&format!("village={BALANG}&district={PARINGIN}")).await, 6);

    let list = format!("/v1/cases?limit=4&count=true&sort={sort}");
    let first = admin.get(&list).await.status(200);
    assert_eq!(first.json["total"], 11);
    // Someone writes meanwhile: the walk shows the cases as they were.
    record(&admin, waste()).await;
    for row in first.json["items"].as_array().unwrap() {
        let path = format!("/v1/cases/{}", row["id"].as_str().unwrap());
        admin
            .patch(&path, "*", json!({"summary": "diubah", "village_code": BALANG}))
            .await
            .status(200);
    }
    admin.delete(&late, "*").await.status(204);
    let mut rows = first.json["items"].as_array().unwrap().clone();
    let mut next = first.json["next_cursor"].as_str().map(str::to_owned);
    while let Some(cursor) = next {
        let page = admin.get(&format!("{list}&cursor={cursor}")).await.status(200).json;
        rows.extend(page["items"].as_array().unwrap().iter().cloned());
        next = page["next_cursor"].as_str().map(str::to_owned);
    }
    let ids: BTreeSet<_> = rows.iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!((rows.len(), ids.len()), (11, 11));
    assert!(rows.iter().all(|r| r["summary"] != "diubah"));
    let mut keys: Vec<_> = rows
        .iter()
        .map(|r| {
            let village = if sort == "village_code" {
                r["village_code"].as_str().unwrap()
            } else {
                ""
            };
            (village, r["occurred_at"].as_str().unwrap())
        })
        .collect();
    if sort == "-occurred_at" {
        keys.reverse();
    }
    assert!(keys.is_sorted());
    let cursor = first.json["next_cursor"].as_str().unwrap();
    admin
        .get(&format!("{list}&status=rejected&cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");
}

#[apply(both_databases)]
async fn a_case_counts_in_its_year_once_handled(backend: Backend) {
    let world = World::on(backend).at("2025-12-31T12:00:00+08:00").await;
    let admin = world.admin();
    let mut case = waste();
    case["occurred_at"] = json!("2025-12-30T21:00:00+08:00");
    let path = record(&admin, case.clone()).await;
    let hoax = record(&admin, case).await;
    for (path, kind) in [(&path, "verified"), (&hoax, "rejected")] {
        admin
            .post(&format!("{path}/events"), event(kind, "2025-12-31T08:00:00+08:00"))
            .await
            .status(201);
    }
    world.clock.set(instant("2026-01-04T12:00:00+08:00"));
    let referred = event("referred", "2026-01-04T08:00:00+08:00");
    admin.post(&format!("{path}/events"), referred).await.status(201);
    world.clock.set(instant("2026-02-01T12:00:00+08:00"));
    admin.delete(&path, "*").await.status(204);

    let share = async |period: &str, as_of: &str| {
        let path = format!("/v1/indicators/paringin-iku-3/realisations/{period}?as_of={as_of}");
        let got = admin.get(&path).await.status(200).json;
        let missing = got["information"]
            .as_array()
            .unwrap()
            .iter()
            .find(|i| i["code"] == "referred_without_receipt")
            .map(|i| i["value"].clone());
        (got["numerator"].clone(), got["denominator"].clone(), missing)
    };
    let nothing = (json!(null), json!(null));
    let (n, d, _) = share("2025", "2025-12-31T03:00:00Z").await;
    assert_eq!((n, d), nothing, "nothing recorded yet");
    let at_new_year = share("2025", "2025-12-31T15:59:59Z").await;
    assert_eq!(at_new_year, (json!(0), json!(1), Some(json!(0))));
    let later = share("2025", "2026-01-31T15:59:59Z").await;
    assert_eq!(
        later,
        (json!(1), json!(1), Some(json!(1))),
        "handled, and the receipt missing"
    );
    let (n, d, _) = share("2026-01", "2026-01-31T15:59:59Z").await;
    assert_eq!((n, d), nothing, "another year's");
    let (n, d, _) = share("2025", "2026-02-01T04:00:00Z").await;
    assert_eq!((n, d), nothing, "withdrawn");
}
