//! Devices: a phone enrols with a code, once, even if replies are lost.

use actix_web::web::Data;
use chrono::{DateTime, TimeDelta, Utc};
use entity::enrolment;
use futures_util::future::join_all;
use iku::access::Role;
use iku::platform::http::public_url::PublicUrl;
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::clients::{CLIENTS, enter, phone, sakip};
use super::{sign_in, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::world::{Client, PARINGIN, Reply, World};

const ENROL: &str = "/v1/auth/enrolments";

/// The secret that the n-th phone makes for itself.
pub fn secret(n: u8) -> String {
    format!("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN{n:0>3}")
}

pub async fn enrol(world: &World, code: &str, secret: &str) -> Reply {
    let body = json!({"code": code, "secret": secret});
    world.anonymous().post(ENROL, body).await
}

/// Creates a device; returns its id and path.
pub async fn device(admin: &Client) -> (String, String) {
    let made = admin.post(CLIENTS, phone()).await.status(201);
    (made.id(), made.header("location").to_owned())
}

async fn ask_code(admin: &Client, path: &str) -> Reply {
    admin.post(&format!("{path}/enrolments"), Value::Null).await
}

pub async fn code(admin: &Client, path: &str) -> String {
    text(&ask_code(admin, path).await.status(201).json, "code").to_owned()
}

/// Creates a device and enrols a phone for it with `secret(1)`; returns the device's id, its path and the code.
async fn enrolled(world: &World, admin: &Client) -> (String, String, String) {
    let (id, path) = device(admin).await;
    let code = code(admin, &path).await;
    enrol(world, &code, &secret(1)).await.status(200);
    (id, path, code)
}

async fn signed_in(world: &World, id: &str, secret: &str) -> Client {
    let session = enter(world, id, secret).await.status(200);
    world.bearer(text(&session.json, "access_token"))
}

#[apply(both_databases)]
async fn code_is_valid_for_a_day_and_ends_no_session_until_it_is_used(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let created = admin.post(CLIENTS, phone()).await.status(201);
    let earlier = signed_in(&world, &created.id(), text(&created.json, "secret")).await;
    let reply = ask_code(&admin, created.header("location")).await.status(201);
    assert_eq!(reply.header("cache-control"), "no-store");
    let expires: DateTime<Utc> = text(&reply.json, "expires_at").parse().unwrap();
    let minutes = (expires - Utc::now()).num_minutes();
    assert!((23 * 60 + 54..=24 * 60).contains(&minutes), "{minutes}");
    earlier.get("/v1/me").await.status(200);
}

#[apply(both_databases)]
async fn enrolment_replaces_the_secret_and_ends_its_tokens(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let created = admin.post(CLIENTS, phone()).await.status(201);
    assert_eq!(created.json["enrolled_at"], Value::Null);
    let (path, id) = (created.header("location").to_owned(), created.id());
    let first = text(&created.json, "secret");
    let earlier = signed_in(&world, &id, first).await;
    let code = code(&admin, &path).await;
    assert_body!(enrol(&world, &code, &secret(1)).await.status(200), @r#"
    {
      "client_id": "[id]",
      "district_code": "63.11.06",
      "name": "HP loket 1"
    }
    "#);
    earlier.get("/v1/me").await.problem(401, "invalid_token");
    enter(&world, &id, first).await.problem(401, "invalid_client");
    let own = signed_in(&world, &id, &secret(1)).await;
    own.get("/v1/surveys").await.status(200);
    let shown = admin.get(&path).await.status(200);
    assert_body!(shown, @r#"
    {
      "active": true,
      "changed_at": "[instant]",
      "district_code": "63.11.06",
      "enrolled_at": "[instant]",
      "id": "[id]",
      "kind": "device",
      "last_used_at": "[instant]",
      "name": "HP loket 1",
      "quarantine_open": false,
      "role": "surveyor"
    }
    "#);
    assert_eq!(admin.all(CLIENTS).await[0]["enrolled_at"], shown.json["enrolled_at"]);
}

/// A phone that did not receive the reply sends its code again, perhaps as a person types it.
#[apply(both_databases)]
async fn repeated_enrolment_with_the_same_secret_gives_the_same_reply(backend: Backend) {
    let world = World::on(backend).await;
    let (id, _, code) = enrolled(&world, &world.admin()).await;
    let own = signed_in(&world, &id, &secret(1)).await;
    let expected = json!({"client_id": id, "name": "HP loket 1", "district_code": PARINGIN});
    for typed in [
        code.clone(),
        code.to_lowercase().replace('-', ""),
        code.replace('0', "o").replace('1', "l"),
    ] {
        let reply = enrol(&world, &typed, &secret(1)).await.status(200);
        assert_eq!(reply.json, expected, "{typed}");
    }
    own.get("/v1/surveys").await.status(200);
}

#[apply(both_databases)]
async fn rejects_a_used_code_with_another_secret(backend: Backend) {
    let world = World::on(backend).await;
    let (id, _, code) = enrolled(&world, &world.admin()).await;
    let refused = enrol(&world, &code, &secret(2)).await.problem(400, "invalid_grant");
    assert!(text(&refused.json, "detail").contains("Kode"), "{:#}", refused.json);
    enter(&world, &id, &secret(1)).await.status(200);
}

#[apply(both_databases)]
async fn new_code_lets_another_phone_take_the_place(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (id, path, code) = enrolled(&world, &admin).await;
    let first = signed_in(&world, &id, &secret(1)).await;
    let next = self::code(&admin, &path).await;
    enrol(&world, &next, &secret(2)).await.status(200);
    first.get("/v1/surveys").await.problem(401, "invalid_token");
    enter(&world, &id, &secret(1)).await.problem(401, "invalid_client");
    for (code, secret) in [(&code, secret(1)), (&code, secret(2)), (&next, secret(1))] {
        enrol(&world, code, &secret).await.problem(400, "invalid_grant");
    }
}

#[apply(both_databases)]
async fn new_secret_ends_the_enrolment(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (id, path, code) = enrolled(&world, &admin).await;
    admin.post(&format!("{path}/secrets"), Value::Null).await.status(201);
    enrol(&world, &code, &secret(1)).await.problem(400, "invalid_grant");
    enter(&world, &id, &secret(1)).await.problem(401, "invalid_client");
    assert_eq!(admin.get(&path).await.status(200).json["enrolled_at"], Value::Null);
}

#[apply(both_databases)]
async fn one_of_many_phones_with_the_same_code_wins(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (id, path) = device(&admin).await;
    let code = code(&admin, &path).await;
    let phones: Vec<String> = (1..=8).map(secret).collect();
    let replies = join_all(phones.iter().map(|s| enrol(&world, &code, s))).await;
    let won: Vec<usize> = (0..8).filter(|i| replies[*i].status == 200).collect();
    assert_eq!(won.len(), 1, "{replies:?}");
    for (i, reply) in replies.into_iter().enumerate() {
        if i != won[0] {
            reply.problem(400, "invalid_grant");
            enter(&world, &id, &phones[i]).await.problem(401, "invalid_client");
        }
    }
    enter(&world, &id, &phones[won[0]]).await.status(200);
}

/// A phone on a bad network sends the same request many times at once.
#[apply(both_databases)]
async fn same_enrolment_many_times_at_once_is_accepted(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (id, path) = device(&admin).await;
    let code = code(&admin, &path).await;
    let own = secret(1);
    for reply in join_all((0..8).map(|_| enrol(&world, &code, &own))).await {
        reply.status(200);
    }
    enter(&world, &id, &own).await.status(200);
}

#[apply(both_databases)]
async fn newer_code_replaces_the_older_ones(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (_, path) = device(&admin).await;
    for reply in join_all((0..4).map(|_| ask_code(&admin, &path))).await {
        reply.status(201);
    }
    let old = code(&admin, &path).await;
    let new = code(&admin, &path).await;
    enrol(&world, &old, &secret(1)).await.problem(400, "invalid_grant");
    let db = &world.service.db;
    let stored = db.read(async |tx| Ok(enrolment::Entity::find().all(tx).await?)).await;
    let stored = stored.unwrap();
    assert_eq!(stored.len(), 1, "unused older codes are deleted");
    let row = format!("{stored:?}");
    assert!(!row.contains(&new) && !row.contains(&new.replace('-', "")), "{row}");
    enrol(&world, &new, &secret(1)).await.status(200);
}

#[apply(both_databases)]
async fn rejects_an_expired_code(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (_, path) = device(&admin).await;
    let code = code(&admin, &path).await;
    let past = Utc::now() - TimeDelta::seconds(1);
    let expired = enrolment::Entity::update_many().col_expr(enrolment::Column::ExpiresAt, Expr::value(past));
    expired.exec(world.service.db.connection()).await.unwrap();
    enrol(&world, &code, &secret(1)).await.problem(400, "invalid_grant");
}

#[actix_web::test]
async fn rejects_a_code_for_a_system() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let system = admin.post(CLIENTS, sakip()).await.status(201);
    let refused = ask_code(&admin.in_english(), system.header("location")).await;
    let refused = refused.problem(409, "conflict");
    let detail = text(&refused.json, "detail");
    assert!(detail.contains("Only a device"), "{detail}");
}

#[actix_web::test]
async fn rejects_codes_of_a_device_that_is_switched_off_or_deleted() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let (_, path) = device(&admin).await;
    let open = code(&admin, &path).await;
    admin.patch(&path, "*", json!({"active": false})).await.status(200);
    ask_code(&admin, &path).await.problem(409, "conflict");
    enrol(&world, &open, &secret(1)).await.problem(400, "invalid_grant");
    admin.patch(&path, "*", json!({"active": true})).await.status(200);
    let open = code(&admin, &path).await;
    admin.delete(&path, "*").await.status(204);
    ask_code(&admin, &path).await.problem(404, "not_found");
    enrol(&world, &open, &secret(1)).await.problem(400, "invalid_grant");
}

#[actix_web::test]
async fn administrator_of_another_district_gets_no_code() {
    let world = World::on(Backend::Sqlite).await;
    world.load_regency().await;
    let (_, path) = device(&world.admin()).await;
    let elsewhere = world.holder(Role::Administrator, Some("63.11.01"), &[]);
    ask_code(&elsewhere, &path).await.problem(404, "not_found");
    let here = world.holder(Role::Administrator, Some(PARINGIN), &[]);
    code(&here, &path).await;
}

#[actix_web::test]
async fn ten_failures_with_one_code_are_429_and_slow_no_other_code() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let (_, path) = device(&admin).await;
    let code = code(&admin, &path).await;
    // Successful enrolments are not counted.
    for _ in 0..12 {
        enrol(&world, &code, &secret(1)).await.status(200);
    }
    let wrong = "0000-0000-0000-0000";
    for _ in 0..10 {
        enrol(&world, wrong, &secret(1)).await.problem(400, "invalid_grant");
    }
    let closed = enrol(&world, wrong, &secret(1)).await.problem(429, "too_many_requests");
    let wait: u64 = closed.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    enrol(&world, &code, &secret(1)).await.status(200);
    // Failed passwords are counted apart.
    sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
}

#[actix_web::test]
async fn rejects_malformed_codes_and_secrets() {
    let world = World::on(Backend::Sqlite).await;
    let good = "0000-0000-0000-0000";
    let mut failures = Vec::new();
    for (code, secret, pointer) in [
        ("0000-0000-0000-000", secret(1), "#/code"),
        ("0000-0000-0000-000U", secret(1), "#/code"),
        ("0000 0000 0000 0000", secret(1), "#/code"),
        (good, secret(1)[1..].to_owned(), "#/secret"),
        (good, format!("{}=", &secret(1)[1..]), "#/secret"),
        (good, format!("{}\u{0}", &secret(1)[1..]), "#/secret"),
    ] {
        let reply = enrol(&world, code, &secret).await;
        failures.extend(reply.unless_problem(400, "invalid_body"));
        if !reply.pointers().contains(&pointer) {
            failures.push(format!("{code} {secret}: {:#}", reply.json));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    enrol(&world, good, &secret(1)).await.problem(400, "invalid_grant");
}

/// Returns the text that a camera reads from the picture.
fn scanned(svg: &str) -> String {
    let after = |text: &str, start: &str, end: &str| {
        let rest = text.split_once(start).unwrap_or_else(|| panic!("no {start}")).1;
        rest.split_once(end).unwrap().0.to_owned()
    };
    let side: usize = after(svg, " width=\"", "\"").parse().unwrap();
    let mut dark = vec![false; side * side];
    // Rectangles: `M{left} {top}h{width}v{height}..`
    for rectangle in after(svg, " d=\"", "\"").split('M').skip(1) {
        let numbers = rectangle.split(|c: char| !c.is_ascii_digit()).take(4);
        let numbers: Vec<usize> = numbers.map(|n| n.parse().unwrap()).collect();
        let [left, top, width, height] = numbers[..] else {
            panic!("{rectangle}")
        };
        for y in top..top + height {
            dark[y * side + left..y * side + left + width].fill(true);
        }
    }
    let shade = |x, y| if dark[y * side + x] { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, shade);
    let found = image.detect_grids();
    assert_eq!(found.len(), 1, "codes in the picture");
    found[0].decode().unwrap().1
}

#[actix_web::test]
async fn qr_picture_holds_the_address_of_the_service() {
    let world = World::on(Backend::Sqlite).await;
    let asks = world.admin();
    let (_, path) = device(&asks).await;
    let uri = |server: &str, made: &Value| format!("iku://enrol?server={server}&code={}", text(made, "code"));

    let made = ask_code(&asks.with("host", "192.168.1.5:8080"), &path)
        .await
        .status(201)
        .json;
    assert_eq!(made["uri"], uri("http%3A%2F%2F192.168.1.5%3A8080", &made));
    assert_eq!(scanned(text(&made, "qr_svg")), text(&made, "uri"));
    // An invalid or overlong host falls back to the address on which the service listens.
    let long = "a".repeat(5000);
    for host in ["tidak ada", &long] {
        let made = ask_code(&asks.with("host", host), &path).await.status(201).json;
        assert_eq!(made["uri"], uri("http%3A%2F%2Flocalhost%3A8080", &made));
    }

    let public_url = Data::new(PublicUrl(Some("https://iku.example.go.id".to_owned())));
    let world = world.adjusted(|service| service.public_url = public_url).await;
    let made = ask_code(&world.admin(), &path).await.status(201).json;
    assert_eq!(made["uri"], uri("https%3A%2F%2Fiku.example.go.id", &made));
    assert_eq!(scanned(text(&made, "qr_svg")), text(&made, "uri"));
}
