//! A list costs the same number of statements for 1 row and for 100 rows.

use iku::access::users;
use iku::core::place::VillageKind;
use iku::facts::{cases, institutions, reports, responses, surveys};
use iku::places::villages;
use iku::plan::{indicators, report_kinds, targets};
use iku::platform::http::Paging;
use serde_json::{Value, json};

use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::{Items, counted, listening, reader};
use crate::support::world::{PARINGIN, World};

const ROWS: usize = 100;

/// Returns each list with its number of rows and its number of statements.
async fn costs(world: &World) -> Vec<(&'static str, usize, usize)> {
    fn filter<T: serde::de::DeserializeOwned>(members: Value) -> T {
        serde_json::from_value(members).unwrap()
    }
    let (actor, paging) = (
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
        reports::service::list(c, &actor, &filter(none()), &paging).await
    })
    .await;
    let mut costs = vec![("reports", all.0.items().len(), all.1)];
    for (name, members) in [
        ("institutions", none()),
        ("active institutions", json!({"active_on": "2025-06-30"})),
        ("expiring institutions", json!({"expires_before": "2031-01-01"})),
    ] {
        let filter = filter(members);
        let (page, statements) = counted(world, async |c| {
            institutions::service::list(c, &actor, &filter, &paging, today).await
        })
        .await;
        costs.push((name, page.items().len(), statements));
    }
    let all = counted(world, async |c| {
        cases::service::list(c, &actor, &filter(none()), &paging).await
    })
    .await;
    costs.push(("cases", all.0.items().len(), all.1));
    costs
}

#[apply(both_databases)]
async fn a_hundred_rows_cost_as_many_statements_as_one(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    let desa: Vec<_> = iku::shipped::villages_of(PARINGIN)
        .filter(|v| v.kind == VillageKind::Desa)
        .collect();
    let record = async |i: usize| {
        let village = &desa[i % desa.len()].code;
        let report = json!({"village_code": village, "kind": "lppd", "fiscal_year": 2023 + i / desa.len(), "delivered_on": "2025-03-14"});
        admin.post("/v1/reports", report).await.status(201);
        let decree = json!({"number": "1", "issued_on": "2025-01-01", "starts_on": "2025-01-01"});
        let rt = json!({"village_code": village, "kind": "rt", "name": format!("RT {i}"), "decrees": [decree, decree]});
        admin.post("/v1/institutions", rt).await.status(201);
        let case = json!({"village_code": village, "category": "sosial", "occurred_at": "2025-03-14T21:30:00+08:00", "summary": "Balap liar"});
        let case = admin.post("/v1/cases", case).await.status(201);
        let verified = json!({"kind": "verified", "at": "2025-03-15T08:00:00+08:00"});
        let events = format!("/v1/cases/{}/events", case.id());
        admin.post(&events, verified).await.status(201);
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

/// Suspected doubles name another institution, and transferred ones have former villages.
#[apply(both_databases)]
async fn a_hundred_suspected_doubles_cost_as_many_statements_as_two(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    let filter = serde_json::from_value(json!({"suspected": true})).unwrap();
    let paging = Paging {
        limit: Some(100),
        ..Paging::default()
    };
    let today = "2025-06-30".parse().unwrap();
    let (actor, mut costs) = (reader(), Vec::new());
    for i in 0..ROWS / 2 {
        for name in [format!("RT {i}"), format!("RT {i} RW 1")] {
            let rt = json!({"village_code": "63.11.06.2005", "kind": "rt", "name": name, "decrees": []});
            let made = admin.post("/v1/institutions", rt).await.status(201);
            let transfers = format!("{}/transfers", made.header("location"));
            let transfer = json!({"village_code": "63.11.06.2006", "from": "2025-01-01", "reason": "x"});
            admin.post(&transfers, transfer).await.status(200);
        }
        if [0, ROWS / 2 - 1].contains(&i) {
            let (page, statements) = counted(&world, async |c| {
                institutions::service::list(c, &actor, &filter, &paging, today).await
            })
            .await;
            let items = page.items();
            assert!(items.iter().all(|item| item["suspected_double_of"].is_string()));
            costs.push((items.len(), statements));
        }
    }
    let [(2, few), (100, same)] = costs[..] else {
        panic!("{costs:?}")
    };
    assert_eq!(few, same);
    assert!(few <= 5, "{few}");
}

/// Reads every list of the demonstration with pages of `limit` rows. Returns each list with its number of rows and its number
/// of statements.
async fn lists(world: &World, limit: u64) -> Vec<(&'static str, usize, usize)> {
    fn none<T: serde::de::DeserializeOwned>() -> T {
        serde_json::from_value(json!({})).unwrap()
    }
    let actor = reader();
    let paging = Paging {
        limit: Some(limit),
        ..Paging::default()
    };
    let survey = world.admin().all("/v1/surveys?status=closed").await[0]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    macro_rules! costs {
        ($($name:literal: $list:expr;)*) => {
            vec![$({
                let (page, statements) = counted(world, $list).await;
                ($name, page.items().len(), statements)
            }),*]
        };
    }
    costs! {
        "reports": async |c| reports::service::list(c, &actor, &none(), &paging).await;
        "institutions": async |c| institutions::service::list(c, &actor, &none(), &paging, "2025-06-30".parse().unwrap()).await;
        "cases": async |c| cases::service::list(c, &actor, &none(), &paging).await;
        "surveys": async |c| surveys::service::list(c, &actor, &none(), &paging).await;
        "responses": async |c| responses::service::list(c, &actor, survey, &none(), &paging).await;
        "villages": async |c| villages::service::list(c, &actor, &none(), &paging).await;
        "indicators": async |c| indicators::service::list(c, &actor, &none(), &paging, 2025).await;
        "targets": async |c| targets::service::list(c, &actor, "paringin-iku-1", &none(), &paging).await;
        "report kinds": async |c| report_kinds::service::list(c, &none(), &paging, 2025).await;
        "users": async |c| users::service::list(c, &actor, &none(), &paging, chrono::Utc::now()).await;
    }
}

#[apply(both_databases)]
async fn a_long_page_takes_as_many_statements_as_a_short_page(backend: Backend) {
    let world = demonstration(backend).await;
    let (short, long) = (lists(&world, 1).await, lists(&world, 100).await);
    for ((name, one, few), (_, many, same)) in short.into_iter().zip(long) {
        assert!(one == 1 && many > 1, "{name}: {one} and {many} rows");
        assert_eq!(few, same, "{name}: {one} row and {many} rows");
        assert!(few <= 6, "{name} takes {few} statements");
    }
}

/// Returns the reply of a service without caches, and its statements.
async fn computed(world: &World, path: &str) -> (Value, Vec<String>) {
    let (world, statements) = listening(world, 0).await;
    let reply = world.admin().get(path).await.status(200);
    (reply.json, statements.take())
}

#[apply(both_databases)]
async fn current_values_never_scan_responses(backend: Backend) {
    let world = demonstration(backend).await;
    let items = |page: &Value| page["items"].as_array().unwrap().len();
    let iku1 = "/v1/indicators/paringin-iku-1/realisations";

    let (_, one) = computed(&world, &format!("{iku1}/2025")).await;
    let short = computed(&world, &format!("{iku1}?from=2025-01&to=2025-01&limit=100")).await;
    let long = computed(&world, &format!("{iku1}?from=2024-01&to=2025-12&limit=100")).await;
    assert_eq!((items(&short.0), items(&long.0)), (1, 24));
    assert_eq!(
        short.1.len(),
        long.1.len(),
        "a series takes as many statements as one period"
    );
    let sheet = computed(&world, "/v1/realisations?period=2025").await;
    assert_eq!(items(&sheet.0), 5);
    // One of them reads the agreements that the targets name.
    assert!(sheet.1.len() <= 20, "{} statements for all five", sheet.1.len());
    for sql in one.iter().chain(&long.1).chain(&sheet.1) {
        assert!(!sql.contains("\"response\""), "{sql}");
    }
    // A past value is computed from the answers themselves.
    let past = format!("{iku1}/2025?as_of=2025-05-01T00:00:00%2B08:00");
    let (_, past) = computed(&world, &past).await;
    assert!(past.iter().any(|sql| sql.contains("\"response\"")));
}
