//! The changes of values: each once, also with two instances; a restore begins a new epoch.

use std::cell::Cell;

use futures_util::future::{join, join_all};
use iku::access::Role;
use iku::maintenance::history;
use iku::startup;
use serde_json::{Value, json};

use crate::demo::demonstration;
use crate::maintenance::answer;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World};

const CHANGES: &str = "/v1/changes";

fn sakip(world: &World) -> Client {
    world.holder(Role::Integrator, Some(PARINGIN), &[])
}

async fn now(client: &Client) -> Value {
    let feed = client.get(&format!("{CHANGES}?after=now")).await.status(200).json;
    assert_eq!(feed["items"], json!([]));
    assert_eq!(feed["has_more"], false);
    feed
}

async fn after(client: &Client, feed: &Value) -> Value {
    let (epoch, next) = (feed["epoch"].as_str().unwrap(), feed["next_after"].as_str().unwrap());
    client
        .get(&format!("{CHANGES}?epoch={epoch}&after={next}"))
        .await
        .status(200)
        .json
}

#[apply(both_databases)]
async fn a_change_names_its_indicators_and_years(backend: Backend) {
    let world = demonstration(backend).await;
    let (admin, sakip) = (world.admin(), sakip(&world));
    let begin = now(&sakip).await;
    assert_eq!(after(&sakip, &begin).await["items"], json!([]));

    let report = admin.get("/v1/reports?fiscal_year=2025&limit=1").await.json["items"][0].clone();
    let path = format!("/v1/reports/{}", report["id"].as_str().unwrap());
    admin
        .patch(&path, "*", json!({"note": "Uji", "reason": "Uji"}))
        .await
        .status(200);
    let survey = iku::demo::open_survey();
    admin
        .post(&format!("/v1/surveys/{survey}/responses"), answer())
        .await
        .status(201);
    // An account moves no value.
    let user = json!({"name": "Siti", "username": "siti", "role": "auditor", "district_code": PARINGIN,
        "password": "kata sandi panjang sekali"});
    admin.post("/v1/users", user).await.status(201);

    let feed = after(&sakip, &begin).await;
    let items = feed["items"].as_array().unwrap();
    let named = |n: usize| items[n]["indicators"].as_array().unwrap();
    assert!(named(0).contains(&json!("paringin-iku-5")) || named(0).contains(&json!("paringin-iku-4")));
    assert_eq!(
        (&items[0]["from_year"], &items[0]["to_year"]),
        (&json!(2025), &json!(2026))
    );
    assert_eq!(items[items.len() - 1]["indicators"], json!(["paringin-iku-1"]));
    assert_eq!(items.len(), 2);
    assert_eq!(after(&sakip, &feed).await["items"], json!([]));

    // The same in pages of one.
    let (mut position, mut paged) = (begin["next_after"].as_str().unwrap().to_owned(), Vec::new());
    loop {
        let page = sakip
            .get(&format!("{CHANGES}?limit=1&after={position}"))
            .await
            .status(200)
            .json;
        paged.extend(page["items"].as_array().unwrap().clone());
        position = page["next_after"].as_str().unwrap().to_owned();
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(paged, *items);
}

#[apply(both_databases)]
async fn shared_definitions_move_the_values_of_every_district(backend: Backend) {
    let world = demonstration(backend).await;
    let sakip = sakip(&world);
    let begin = now(&sakip).await;
    let kind = json!({"name": "LPPD yang baru", "from_year": 2026, "reason": "Uji"});
    world
        .admin()
        .patch("/v1/report-kinds/lppd", "*", kind)
        .await
        .status(200);
    let feed = after(&sakip, &begin).await;
    assert_eq!(
        feed["items"][0]["indicators"],
        json!(["paringin-iku-4", "paringin-iku-5"])
    );
    assert_eq!(feed["items"][0]["from_year"], 2026);
}

#[apply(both_databases)]
async fn a_reader_beside_64_writers_sees_each_change_once(backend: Backend) {
    let world = demonstration(backend).await;
    let second = world.neighbour().await;
    let second = second.as_ref().unwrap_or(&world);
    let survey = iku::demo::open_survey();
    let sakip = sakip(second);
    let begin = now(&sakip).await;
    let (left, mut seen) = (Cell::new(64), Vec::new());
    let writers = (0..64).map(|n| {
        let admin = if n % 2 == 0 { world.admin() } else { second.admin() };
        let left = &left;
        async move {
            admin
                .post(&format!("/v1/surveys/{survey}/responses"), answer())
                .await
                .status(201);
            left.set(left.get() - 1);
        }
    });
    let reader = async {
        let mut feed = begin.clone();
        loop {
            let is_last = left.get() == 0;
            feed = after(&sakip, &feed).await;
            seen.extend(feed["items"].as_array().unwrap().clone());
            if is_last && feed["has_more"] == false {
                break;
            }
        }
    };
    join(join_all(writers), reader).await;
    let whole = after(&sakip, &begin).await;
    assert_eq!(seen, *whole["items"].as_array().unwrap());
    let instants: Vec<&str> = seen.iter().map(|item| item["at"].as_str().unwrap()).collect();
    assert!(instants.is_sorted_by(|a, b| a < b), "{instants:?}");
}

#[apply(both_databases)]
async fn a_restore_begins_a_new_epoch(backend: Backend) {
    let world = demonstration(backend).await;
    let sakip = sakip(&world);
    let begin = now(&sakip).await;
    world
        .service
        .db
        .write(async |tx| history::note_restored(tx).await)
        .await
        .unwrap();
    let (epoch, next) = (begin["epoch"].as_str().unwrap(), begin["next_after"].as_str().unwrap());
    let path = format!("{CHANGES}?epoch={epoch}&after={next}");
    sakip.get(&path).await.problem(410, "epoch_ended");
    assert_ne!(now(&sakip).await["epoch"], begin["epoch"]);
    // A position that this database has not reached.
    sakip
        .get(&format!("{CHANGES}?after=999999.1"))
        .await
        .problem(410, "epoch_ended");
    for wrong in [
        "after=1",
        "after=x.y",
        "epoch=x",
        "limit=0",
        "limit=1001",
        "after=99999999999999999999.1",
    ] {
        sakip
            .get(&format!("{CHANGES}?{wrong}"))
            .await
            .problem(400, "invalid_query");
    }
    let everywhere = world.holder(Role::Integrator, None, &[]);
    everywhere.get(CHANGES).await.status(200);
    everywhere
        .get(&format!("{CHANGES}?district_code={PARINGIN}"))
        .await
        .status(200);
    sakip
        .get(&format!("{CHANGES}?district_code=63.11.01"))
        .await
        .status(404);
}

/// PostgreSQL's own tools restore and copy a database without a word. The database of this world is such a copy.
#[apply(both_databases)]
async fn a_copy_of_other_tools_begins_a_new_epoch_at_its_first_start(backend: Backend) {
    let world = demonstration(backend).await;
    let sakip = sakip(&world);
    let begin = now(&sakip).await;
    let start = async || startup::prepare(&world.service.db, None).await.unwrap();
    start().await;
    let started = now(&sakip).await;
    match backend {
        Backend::Sqlite => assert_eq!(started["epoch"], begin["epoch"]),
        _ => assert_ne!(started["epoch"], begin["epoch"]),
    }
    start().await;
    assert_eq!(now(&sakip).await["epoch"], started["epoch"]);
}

#[apply(both_databases)]
async fn values_that_moved_since_an_instant_are_pulled_alone(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let since = world.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let codes = async |client: &Client, year: i32| -> Vec<String> {
        let path = format!("/v1/realisations?period={year}&changed_since={since}");
        let items = client.all(&path).await;
        items
            .iter()
            .map(|i| i["indicator"]["code"].as_str().unwrap().to_owned())
            .collect()
    };
    let sakip = sakip(&world);
    assert_eq!(codes(&sakip, 2025).await, [""; 0]);
    let case = admin.get("/v1/cases?limit=100").await.json["items"][0].clone();
    let year: i32 = case["occurred_on"].as_str().or(case["occurred_at"].as_str()).unwrap()[..4]
        .parse()
        .unwrap();
    let path = format!("/v1/cases/{}", case["id"].as_str().unwrap());
    admin
        .patch(&path, "*", json!({"summary": "Uji ringkasan", "reason": "Uji"}))
        .await
        .status(200);
    for client in [&sakip, &admin] {
        assert_eq!(codes(client, year).await, ["paringin-iku-3"]);
        assert_eq!(codes(client, if year == 2025 { 2024 } else { 2025 }).await, [""; 0]);
    }
}
