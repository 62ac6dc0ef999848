//! A cursor decides the instant at which a list is read and the row after which it goes on, so the service takes only its own.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iku::access::Role;
use iku::platform::db::Db;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World};

/// The bytes before the content of a cursor.
const MAC: usize = 16;

async fn first_cursor(client: &Client, list: &str) -> String {
    let page = client.get(list).await.status(200).json;
    page["next_cursor"].as_str().unwrap().to_owned()
}

#[apply(both_databases)]
async fn rejects_cursors_that_were_changed_or_made_up(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let list = "/v1/villages?limit=2";
    let cursor = first_cursor(&admin, list).await;
    let ask = async |bytes: &[u8]| {
        let text = URL_SAFE_NO_PAD.encode(bytes);
        admin.get(&format!("{list}&cursor={text}")).await
    };
    let bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
    ask(&bytes).await.status(200);
    let mut failures = Vec::new();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        failures.extend(ask(&changed).await.unless_problem(400, "invalid_cursor"));
    }
    let content = &bytes[MAC..];
    let later = String::from_utf8(content.to_vec())
        .unwrap()
        .replace("\"t\":\"", "\"t\":\"9");
    for made_up in [
        // As version 0.1 gave them.
        content.to_vec(),
        [&[0; MAC], content].concat(),
        [&bytes[..MAC], later.as_bytes()].concat(),
        bytes[..MAC].to_vec(),
        bytes[..bytes.len() - 1].to_vec(),
        [&bytes[..], b" "].concat(),
        b"{}".to_vec(),
    ] {
        failures.extend(ask(&made_up).await.unless_problem(400, "invalid_cursor"));
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// All instances share the key, and it is as old as the database.
#[apply(both_databases)]
async fn cursor_is_valid_on_every_instance_but_of_no_other_service(backend: Backend) {
    let world = World::on(backend).await;
    let cursor = first_cursor(&world.admin(), "/v1/villages?limit=2").await;
    let next = format!("/v1/villages?limit=2&cursor={cursor}");
    let second = world.second_instance().await;
    let (here, there) = (world.admin().get(&next).await, second.admin().get(&next).await);
    assert_eq!(here.status(200).json["items"], there.status(200).json["items"]);
    // The databases of the tests are copies, so the other one gets a key of its own.
    let other = backend.fresh().await;
    let db = Db::open(&other.url).await.unwrap();
    db.connection()
        .execute_unprepared("DELETE FROM service_key")
        .await
        .unwrap();
    iku::startup::prepare(&db, None).await.unwrap();
    db.close().await.unwrap();
    let other = World::on(other).await;
    other.admin().get(&next).await.problem(400, "invalid_cursor");
}

/// The list of a district and the list of all districts are two lists, also with the same filters.
#[actix_web::test]
async fn cursor_is_bound_to_the_district_of_the_caller() {
    let world = World::on(Backend::Sqlite).await;
    world.load_regency().await;
    let auditor = |district| world.holder(Role::Auditor, district, &[]);
    let (all, own, other) = (auditor(None), auditor(Some(PARINGIN)), auditor(Some("63.11.01")));
    for list in ["/v1/villages?limit=1", "/v1/indicators?limit=1"] {
        let (of_all, of_own) = (first_cursor(&all, list).await, first_cursor(&own, list).await);
        let mut failures = Vec::new();
        for (client, cursor) in [(&own, &of_all), (&other, &of_all), (&all, &of_own), (&other, &of_own)] {
            let reply = client.get(&format!("{list}&cursor={cursor}")).await;
            failures.extend(reply.unless_problem(400, "invalid_cursor"));
        }
        assert!(failures.is_empty(), "{failures:#?}");
        // A reader of all districts may ask for one, and gets the same list as its own readers.
        let page = all
            .get(&format!("{list}&district_code={PARINGIN}&cursor={of_own}"))
            .await;
        page.problem(400, "invalid_cursor");
        own.get(&format!("{list}&cursor={of_own}")).await.status(200);
    }
}

/// Pages are read as of the first one. That must not show a phone what it may not see now.
#[apply(both_databases)]
async fn phone_does_not_see_a_closed_survey_through_an_old_cursor(backend: Backend) {
    let world = World::on(backend).await;
    let (kasi, phone) = (
        world.officer(&["pelayanan-kessos"]),
        world.holder(Role::Surveyor, Some(PARINGIN), &[]),
    );
    let mut surveys = Vec::new();
    for n in 1..=3 {
        let survey = json!({
            "district_code": PARINGIN, "title": format!("SKM {n}"), "section": "pelayanan-kessos",
            "starts_on": "2025-01-06", "ends_on": "2025-06-30",
        });
        let made = kasi.post("/v1/surveys", survey).await.status(201);
        let path = made.header("location").to_owned();
        kasi.patch(&path, "*", json!({"status": "open"})).await.status(200);
        surveys.push(path);
    }
    let list = "/v1/surveys?limit=1&sort=title";
    let next = format!("{list}&cursor={}", first_cursor(&phone, list).await);
    let title = async || phone.get(&next).await.status(200).json["items"][0]["title"].clone();
    assert_eq!(title().await, "SKM 2");
    kasi.patch(&surveys[1], "*", json!({"status": "closed"}))
        .await
        .status(200);
    assert_eq!(title().await, "SKM 3");
    kasi.patch(&surveys[2], "*", json!({"status": "closed"}))
        .await
        .status(200);
    assert_eq!(title().await, json!(null));
    // An officer sees closed surveys, so the walk stays as it began.
    assert_eq!(kasi.all(list).await.len(), 3);
}

/// The longest names make the longest cursors, and these fit into the parameter.
#[actix_web::test]
async fn longest_cursor_leads_to_the_next_page() {
    let world = World::on(Backend::Sqlite).await;
    let kasi = world.officer(&["pmd"]);
    for last in ["\u{1F600}", "\u{1F601}", "\u{1F602}"] {
        let name = "\u{1F600}".repeat(199) + last;
        let rt = json!({"village_code": "63.11.06.2005", "kind": "rt", "name": name});
        kasi.post("/v1/institutions", rt).await.status(201);
    }
    for sort in ["name", "-name", "village_code"] {
        let rows = kasi.all(&format!("/v1/institutions?limit=1&sort={sort}")).await;
        assert_eq!(rows.len(), 3, "{sort}");
    }
}
