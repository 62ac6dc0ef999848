//! A page of a list of one district is read once, until something in the district changes.

use iku::access::Role;
use serde_json::json;

use super::NOW;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::listening;
use crate::support::world::{PARINGIN, World};

/// The lists whose pages stay in memory.
const LISTS: [&str; 5] = [
    "/v1/reports?limit=1",
    "/v1/surveys?limit=1&sort=title",
    "/v1/villages?limit=1",
    "/v1/indicators?limit=1",
    "/v1/decrees?limit=1&count=true",
];

async fn world(backend: Backend) -> World {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    for year in [2023, 2024] {
        let report =
            json!({"village_code": "63.11.06.2005", "kind": "lppd", "fiscal_year": year, "delivered_on": "2025-03-14"});
        admin.post("/v1/reports", report).await.status(201);
    }
    for title in ["Survei A", "Survei C"] {
        admin.post("/v1/surveys", survey(title)).await.status(201);
    }
    world
}

fn survey(title: &str) -> serde_json::Value {
    json!({
        "district_code": PARINGIN, "title": title, "section": "pelayanan-kessos", "starts_on": "2025-01-06", "ends_on": "2025-06-30",
    })
}

#[apply(both_databases)]
async fn a_page_is_read_once_until_its_district_changes(backend: Backend) {
    let (world, statements) = listening(&world(backend).await, 0).await;
    let head = world.holder(Role::Head, Some(PARINGIN), &[]);
    for list in LISTS {
        let first = head.get(list).await.status(200);
        assert!(!statements.take().is_empty(), "{list}");
        let again = head.get(list).await.status(200);
        assert_eq!(statements.take(), Vec::<String>::new(), "{list}");
        assert_eq!(again.json, first.json, "{list}");
        assert_eq!(again.headers.get("link"), first.headers.get("link"), "{list}");
        assert_eq!(
            again.headers.get("cache-control"),
            first.headers.get("cache-control"),
            "{list}"
        );
    }
    let before = head.all(LISTS[1]).await;
    world.admin().post("/v1/surveys", survey("Survei B")).await.status(201);
    for list in LISTS {
        statements.take();
        head.get(list).await.status(200);
        assert!(!statements.take().is_empty(), "{list}");
    }
    let after = head.all(LISTS[1]).await;
    let titles = after.iter().map(|survey| survey["title"].as_str().unwrap());
    assert_eq!(titles.collect::<Vec<_>>(), ["Survei A", "Survei B", "Survei C"]);
    assert_eq!((before.len(), after.len()), (2, 3));
}

/// In another district a running write can get an instant before that of the page.
#[apply(both_databases)]
async fn a_page_of_all_districts_is_always_read(backend: Backend) {
    let (world, statements) = listening(&world(backend).await, 0).await;
    for list in LISTS {
        for _ in 0..2 {
            world.admin().get(list).await.status(200);
            assert!(!statements.take().is_empty(), "{list}");
        }
    }
}

#[apply(both_databases)]
async fn another_district_and_another_page_have_pages_of_their_own(backend: Backend) {
    let world = world(backend).await;
    let head = world.holder(Role::Head, Some(PARINGIN), &[]);
    let list = "/v1/reports?limit=1";
    let page = head.get(list).await.status(200).json;
    assert_eq!(world.stranger().all(list).await, Vec::<serde_json::Value>::new());
    let next = format!("{list}&cursor={}", page["next_cursor"].as_str().unwrap());
    let next = head.get(&next).await.status(200).json;
    assert_ne!(next["items"], page["items"]);
    assert_eq!(
        head.get("/v1/reports?limit=2").await.json["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(head.get("/v1/reports?limit=1&count=true").await.json["total"], 2);
    assert_eq!(head.get(list).await.json, page);
}

/// Its pages depend on what is open now, not only on the instant of the first page.
#[apply(both_databases)]
async fn a_phones_list_of_open_surveys_is_always_read(backend: Backend) {
    let (world, statements) = listening(&world(backend).await, 0).await;
    let surveyor = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    for _ in 0..2 {
        surveyor.get("/v1/surveys").await.status(200);
        assert!(!statements.take().is_empty());
    }
}
