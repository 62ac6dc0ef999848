//! The list of cases, and the year in which a case counts.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{NOW, event, recorded, waste, with};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{BALANG, Client, PARINGIN, PARINGIN_KOTA, World, instant};

/// Ten cases of March 2025 and a rejected one, whose path is returned. It happened in 2025 in WITA, in UTC still in 2024.
async fn eleven_cases(admin: &Client) -> String {
    for i in 0..10 {
        let mut case = with("occurred_at", &format!("2025-03-{:02}T10:00:00Z", 10 + i / 2));
        case["village_code"] = json!(if i % 2 == 0 { BALANG } else { PARINGIN_KOTA });
        recorded(admin, case).await;
    }
    let mut early = with("occurred_at", "2024-12-31T16:10:00Z");
    early["category"] = json!("sosial");
    let early = recorded(admin, early).await;
    let rejected = event("rejected", "2025-01-02T08:00:00+08:00");
    admin.post(&format!("{early}/events"), rejected).await.status(201);
    early
}

#[apply(both_databases)]
async fn filters_by_day_status_category_and_place(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    eleven_cases(&admin).await;
    for (filter, count) in [
        ("occurred_from=2025-01-01&occurred_to=2025-01-01", 1),
        ("occurred_to=2024-12-31", 0),
        ("occurred_from=2025-03-11", 8),
        ("status=rejected", 1),
        ("category=lingkungan", 10),
        (&format!("village_code={BALANG}&district_code={PARINGIN}"), 6),
    ] {
        let cases = admin.all(&format!("/v1/cases?limit=3&{filter}")).await;
        assert_eq!(cases.len(), count, "{filter}");
    }
}

#[apply(both_databases)]
async fn a_walk_shows_the_cases_as_they_were(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let early = eleven_cases(&admin).await;
    let sorts = ["occurred_at", "-occurred_at", "village_code"];
    let list = |sort: &str| format!("/v1/cases?limit=4&count=true&sort={sort}");
    let mut first_pages = Vec::new();
    for sort in sorts {
        let first = admin.get(&list(sort)).await.status(200);
        assert_eq!(first.json["total"], 11);
        first_pages.push(first);
    }

    // Add, change and withdraw cases between the first page and the next page.
    recorded(&admin, waste()).await;
    for row in first_pages
        .iter()
        .flat_map(|first| first.json["items"].as_array().unwrap())
    {
        let path = format!("/v1/cases/{}", row["id"].as_str().unwrap());
        let changed = json!({"summary": "diubah", "village_code": BALANG});
        admin.patch(&path, "*", changed).await.status(200);
    }
    admin.delete(&early, "*").await.status(204);
    for (sort, first) in sorts.iter().zip(&first_pages) {
        let rows = admin.rest(&list(sort), first).await;
        let ids: BTreeSet<_> = rows.iter().map(|r| r["id"].as_str().unwrap()).collect();
        assert_eq!((rows.len(), ids.len()), (11, 11), "{sort}");
        assert!(rows.iter().all(|r| r["summary"] != "diubah"), "{sort}");
        let mut keys: Vec<_> = rows.iter().map(|row| sort_key(row, sort)).collect();
        if *sort == "-occurred_at" {
            keys.reverse();
        }
        assert!(keys.is_sorted(), "{sort}: {keys:?}");
        let cursor = first.json["next_cursor"].as_str().unwrap();
        admin
            .get(&format!("{}&status=rejected&cursor={cursor}", list(sort)))
            .await
            .problem(400, "invalid_cursor");
    }
}

fn sort_key<'a>(row: &'a Value, sort: &str) -> (&'a str, &'a str) {
    let village = if sort == "village_code" {
        row["village_code"].as_str().unwrap()
    } else {
        ""
    };
    (village, row["occurred_at"].as_str().unwrap())
}

#[apply(both_databases)]
async fn a_case_counts_in_its_year_once_handled(backend: Backend) {
    let world = World::on(backend).at("2025-12-31T12:00:00+08:00").await;
    let admin = world.admin();
    let path = recorded(&admin, with("occurred_at", "2025-12-30T21:00:00+08:00")).await;
    let hoax = recorded(&admin, with("occurred_at", "2025-12-30T21:00:00+08:00")).await;
    for (path, kind) in [(&path, "verified"), (&hoax, "rejected")] {
        let event = event(kind, "2025-12-31T08:00:00+08:00");
        admin.post(&format!("{path}/events"), event).await.status(201);
    }
    world.clock.set(instant("2026-01-04T12:00:00+08:00"));
    let referred = event("referred", "2026-01-04T08:00:00+08:00");
    admin.post(&format!("{path}/events"), referred).await.status(201);
    world.clock.set(instant("2026-02-01T12:00:00+08:00"));
    admin.delete(&path, "*").await.status(204);

    let (nothing, none) = (json!(null), None);
    for (period, as_of, numerator, denominator, missing_receipts, why) in [
        (
            "2025",
            "2025-12-31T03:00:00Z",
            &nothing,
            &nothing,
            none.clone(),
            "nothing was recorded yet",
        ),
        (
            "2025",
            "2025-12-31T15:59:59Z",
            &json!(0),
            &json!(1),
            Some(json!(0)),
            "verified, not handled",
        ),
        (
            "2025",
            "2026-01-31T15:59:59Z",
            &json!(1),
            &json!(1),
            Some(json!(1)),
            "handled without receipt",
        ),
        (
            "2026-01",
            "2026-01-31T15:59:59Z",
            &nothing,
            &nothing,
            none.clone(),
            "a case of another year",
        ),
        (
            "2025",
            "2026-02-01T04:00:00Z",
            &nothing,
            &nothing,
            none.clone(),
            "the case is withdrawn",
        ),
    ] {
        let path = format!("/v1/indicators/paringin-iku-3/realisations/{period}?as_of={as_of}");
        let got = admin.get(&path).await.status(200).json;
        assert_eq!(
            (&got["numerator"], &got["denominator"]),
            (numerator, denominator),
            "{why}"
        );
        let information = got["information"].as_array().unwrap();
        let missing = information.iter().find(|i| i["code"] == "referred_without_receipt");
        if missing_receipts.is_some() {
            assert_eq!(missing.map(|i| i["value"].clone()), missing_receipts, "{why}");
        }
    }
}
