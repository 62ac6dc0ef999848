//! A list costs the same number of statements for 1 row and for 100 rows.

use iku::facts::{cases, institutions, reports};
use iku::platform::http::Paging;
use iku::shipped::VillageKind;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::backend::Backend;
use crate::support::counting::{counted, reader};
use crate::support::world::{PARINGIN, World};

const ROWS: usize = 100;

/// What each list costs, and how many rows it gave.
async fn costs(world: &World) -> Vec<(&'static str, usize, usize)> {
    fn filter<T: serde::de::DeserializeOwned>(members: Value) -> T {
        serde_json::from_value(members).unwrap()
    }
    let (who, paging) = (
        reader(),
        Paging {
            limit: Some(100),
            ..Paging::default()
        },
    );
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    let today = day("2025-06-30");

    let none = || json!({});
    let all = counted(world, async |c| {
        reports::service::list(c, &who, &filter(none()), &paging).await
    })
    .await;
    let mut costs = vec![("reports", all.0.items.len(), all.1)];
    for (name, members) in [
        ("institutions", none()),
        ("active institutions", json!({"active_on": "2025-06-30"})),
        ("expiring institutions", json!({"expires_before": "2031-01-01"})),
    ] {
        let filter = filter(members);
        let (page, statements) = counted(world, async |c| {
            institutions::service::list(c, &who, &filter, &paging, today).await
        })
        .await;
        costs.push((name, page.items.len(), statements));
    }
    let all = counted(world, async |c| {
        cases::service::list(c, &who, &filter(none()), &paging).await
    })
    .await;
    costs.push(("cases", all.0.items.len(), all.1));
    costs
}

#[rstest]
#[actix_web::test]
async fn a_hundred_rows_cost_as_many_statements_as_one(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let world = World::at(backend, "2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    let desa: Vec<_> = iku::shipped::villages_of(PARINGIN)
        .filter(|v| v.kind == VillageKind::Desa)
        .collect();
    let record = async |i: usize| {
        let village = &desa[i % desa.len()].code;
        let report = json!({"village_code": village, "kind": "lppd", "fiscal_year": 2023 + i / desa.len(), "delivered_on": "2025-03-14"});
        admin.post("/v1/reports", report).await.expect(201);
        let decree = json!({"number": "1", "issued_on": "2025-01-01", "starts_on": "2025-01-01"});
        let rt = json!({"village_code": village, "kind": "rt", "name": format!("RT {i}"), "decrees": [decree, decree]});
        admin.post("/v1/institutions", rt).await.expect(201);
        let case = json!({"village_code": village, "category": "sosial", "occurred_at": "2025-03-14T21:30:00+08:00", "summary": "Balap liar"});
        let case = admin.post("/v1/cases", case).await.expect(201);
        let verified = json!({"kind": "verified", "at": "2025-03-15T08:00:00+08:00"});
        let events = format!("/v1/cases/{}/events", case.id());
        admin.post(&events, verified).await.expect(201);
    };
    record(0).await;
    let one = costs(&world).await;
    for i in 1..ROWS {
        record(i).await;
    }
    let hundred = costs(&world).await;
    for ((name, rows, statements), (_, many, same)) in one.into_iter().zip(hundred) {
        assert_eq!((rows, many), (1, ROWS), "{name}");
        assert_eq!(same, statements, "{name}");
        assert!((1..=4).contains(&statements), "{name}: {statements}");
    }
}
