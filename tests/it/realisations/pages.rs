//! Pages of the realisations of all districts: each row once, also while others write, and each page costs a page.

use std::collections::BTreeSet;

use iku::access::Role;
use serde_json::{Value, json};

use super::NOW;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::listening;
use crate::support::world::{Client, PARINGIN, World, instant};

/// Enters a decree of 2024 to 2028 with three indicators.
async fn plan(admin: &Client, district: &str) {
    let decree = json!({
        "district_code": district, "number": "1/2023", "title": "IKU", "issued_on": "2023-12-01", "goal": "Tujuan",
        "first_year": 2024, "last_year": 2028, "legal_bases": [],
    });
    let decree = admin.post("/v1/decrees", decree).await.status(201).id();
    let kinds = [
        json!({"kind": "institution_count"}),
        json!({"kind": "case_handling"}),
        json!({"kind": "report_delivery", "group": "finance"}),
    ];
    for (number, formula) in (1..).zip(kinds) {
        let unit = if number == 1 { "count" } else { "percent" };
        let body = json!({
            "code": format!("k{}-{number}", district.replace('.', "")), "decree_id": decree, "number": number,
            "objective": "Sasaran", "name": "Nama", "meaning": "Makna", "selection_reason": "Alasan",
            "formula_text": "Rumus", "reference": "Rujukan", "responsible": "Camat", "source": "Seksi PMD",
            "unit": unit, "polarity": "higher_is_better", "formula": formula, "reason": "Uji",
        });
        admin.post("/v1/indicators", body).await.status(201);
    }
}

fn path(limit: usize, cursor: Option<&str>) -> String {
    let cursor = cursor.map(|c| format!("&cursor={c}")).unwrap_or_default();
    format!("/v1/realisations?period=2025&limit={limit}{cursor}")
}

fn codes(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|r| r["indicator"]["code"].as_str().unwrap().to_owned())
        .collect()
}

#[apply(both_databases)]
async fn walking_pages_gives_each_row_once_while_others_write(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let admin = world.admin();
    for district in ["63.11.01", "63.11.03", "63.11.08"] {
        plan(&admin, district).await;
    }
    let sakip = world.holder(Role::Integrator, None, &[]);
    let all = sakip
        .get(&format!("{}&count=true", path(100, None)))
        .await
        .status(200)
        .json;
    assert_eq!(all["total"], 14);
    let of_district = async |district: &str| {
        let path = format!("/v1/realisations?period=2025&limit=100&district_code={district}");
        sakip.get(&path).await.status(200).json["items"]
            .as_array()
            .unwrap()
            .clone()
    };
    let mut each = Vec::new();
    for district in ["63.11.01", "63.11.03", PARINGIN, "63.11.08"] {
        each.extend(of_district(district).await);
    }
    assert_eq!(all["items"], json!(each), "in the order of districts and numbers");

    for limit in [1, 2, 3, 5, 13] {
        let (mut seen, mut cursor, mut round) = (Vec::new(), None::<String>, 0);
        loop {
            let page = sakip.get(&path(limit, cursor.as_deref())).await.status(200).json;
            seen.extend(page["items"].as_array().unwrap().clone());
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                break;
            }
            // Between two pages a plan appears, before the cursor or after it.
            if limit == 13 || (limit == 5 && round == 1) {
                let now = world.clock.now() + chrono::TimeDelta::hours(1);
                world.clock.set(now);
                let district = if limit == 5 { "63.11.02" } else { "63.11.07" };
                plan(&admin, district).await;
            }
            round += 1;
        }
        let expected = if limit == 13 { 17 } else { 14 };
        let unique: BTreeSet<_> = seen.iter().map(|r| r["indicator"]["code"].to_string()).collect();
        assert_eq!((seen.len(), unique.len()), (expected, expected), "limit {limit}");
        if limit != 13 {
            let codes = |rows: &[Value]| rows.iter().map(|r| r["indicator"]["code"].clone()).collect::<Vec<_>>();
            assert_eq!(codes(&seen), codes(&each), "limit {limit}");
        }
    }
}

#[apply(both_databases)]
async fn a_page_costs_the_same_statements_however_many_districts_there_are(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let admin = world.admin();
    plan(&admin, "63.11.01").await;
    let mut costs = Vec::new();
    for districts in [&["63.11.02"][..], &["63.11.03", "63.11.04", "63.11.05", "63.11.07"]] {
        for district in districts {
            plan(&admin, district).await;
        }
        let (world, statements) = listening(&world, 4 << 20).await;
        let client = world.admin();
        let page = client.get(&path(3, None)).await.status(200);
        assert_eq!(codes(&page.json), ["k631101-1", "k631101-2", "k631101-3"]);
        let first = statements.take();
        let next = path(3, page.json["next_cursor"].as_str());
        let second = client.get(&next).await.status(200);
        assert_eq!(codes(&second.json), ["k631102-1", "k631102-2", "k631102-3"]);
        // A later page is read again, and is right without being cached.
        client
            .with("if-none-match", &second.etag())
            .get(&next)
            .await
            .status(304);
        costs.push((first.len(), statements.take().len()));
    }
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0].0 <= 18, "{costs:?}");
}

/// A change in a district concerns only the pages with that district; a change of a plan can move all rows.
#[apply(both_databases)]
async fn the_tag_of_a_page_depends_on_its_districts_and_on_the_plans(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let admin = world.admin();
    plan(&admin, "63.11.01").await;
    let page = path(3, None);
    let tag = admin.get(&page).await.status(200).etag();
    world.clock.set(instant("2025-07-01T09:00:00+08:00"));
    let report = json!({
        "village_code": "63.11.06.2005", "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14",
    });
    admin.post("/v1/reports", report).await.status(201);
    admin.with("if-none-match", &tag).get(&page).await.status(304);
    let mut report = json!({"kind": "apbdes-s1", "fiscal_year": 2025, "delivered_on": "2025-03-14"});
    report["village_code"] = json!("63.11.01.2001");
    admin.post("/v1/reports", report).await.status(201);
    let next = admin.with("if-none-match", &tag).get(&page).await.status(200).etag();
    plan(&admin, "63.11.08").await;
    admin.with("if-none-match", &next).get(&page).await.status(200);
}
