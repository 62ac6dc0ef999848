//! Phones: enrolled with a code, once each, whatever is lost on the way.

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
use super::{admin, sign_in, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, Reply, World};

const ENROL: &str = "/v1/auth/enrolments";

/// What the n-th phone makes for itself.
pub fn secret(n: u8) -> String {
    format!("{n:0>43}")
}

pub async fn enrol(world: &World, code: &str, secret: &str) -> Reply {
    let body = json!({"code": code, "secret": secret});
    world.anonymous().post(ENROL, body).await
}

/// A device, and the path of it.
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

#[apply(both_databases)]
async fn a_phone_is_enrolled(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    let made = admin.post(CLIENTS, phone()).await.status(201);
    let (path, id) = (made.header("location").to_owned(), made.id());
    let first = text(&made.json, "secret").to_owned();
    let session = enter(&world, &id, &first).await.status(200);
    let before = world.bearer(text(&session.json, "access_token"));
    assert_eq!(made.json["enrolled_at"], Value::Null);

    let answer = ask_code(&admin, &path).await.status(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let expires: DateTime<Utc> = text(&answer.json, "expires_at").parse().unwrap();
    let hours = (expires - Utc::now()).num_minutes() as f64 / 60.0;
    assert!((23.9..=24.0).contains(&hours), "{hours}");
    // A code alone changes nothing.
    before.get("/v1/me").await.status(200);

    let code = text(&answer.json, "code").to_owned();
    let enrolled = enrol(&world, &code, &secret(1)).await.status(200);
    let wanted = json!({"client_id": id, "name": "HP loket 1", "district_code": PARINGIN});
    assert_eq!(enrolled.json, wanted);
    // The answer was lost: again, as it stands or as somebody types it.
    for typed in [
        code.clone(),
        code.to_lowercase().replace('-', ""),
        code.replace('0', "o").replace('1', "l"),
    ] {
        assert_eq!(
            enrol(&world, &typed, &secret(1)).await.status(200).json,
            wanted,
            "{typed}"
        );
    }
    // The earlier secret and its sign-ins are over; the phone's own is good.
    before.get("/v1/me").await.problem(401, "invalid_token");
    enter(&world, &id, &first).await.problem(401, "invalid_client");
    let session = enter(&world, &id, &secret(1)).await.status(200);
    let own = world.bearer(text(&session.json, "access_token"));
    own.get("/v1/surveys").await.status(200);
    // Asking again did not end what it signed in for.
    enrol(&world, &code, &secret(1)).await.status(200);
    own.get("/v1/surveys").await.status(200);
    let shown = admin.get(&path).await.status(200);
    assert!(shown.json["enrolled_at"].is_string(), "{:#}", shown.json);
    assert_eq!(admin.all(CLIENTS).await[0]["enrolled_at"], shown.json["enrolled_at"]);

    // Nobody else is the device by that code.
    let refused = enrol(&world, &code, &secret(2)).await.problem(400, "invalid_grant");
    assert!(text(&refused.json, "detail").contains("Kode"), "{:#}", refused.json);
    enter(&world, &id, &secret(1)).await.status(200);

    // Another phone takes its place with a code of its own.
    let next = self::code(&admin, &path).await;
    enrol(&world, &next, &secret(2)).await.status(200);
    own.get("/v1/surveys").await.problem(401, "invalid_token");
    enter(&world, &id, &secret(1)).await.problem(401, "invalid_client");
    for (code, secret) in [(&code, secret(1)), (&code, secret(2)), (&next, secret(1))] {
        enrol(&world, code, &secret).await.problem(400, "invalid_grant");
    }
    // A secret made by hand ends it too.
    admin.post(&format!("{path}/secrets"), Value::Null).await.status(201);
    enrol(&world, &next, &secret(2)).await.problem(400, "invalid_grant");
    enter(&world, &id, &secret(2)).await.problem(401, "invalid_client");
    assert_eq!(admin.get(&path).await.status(200).json["enrolled_at"], Value::Null);
}

#[apply(both_databases)]
async fn of_many_phones_with_one_code_one_wins(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
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

/// One phone in a bad net sends the same many times at once.
#[apply(both_databases)]
async fn one_phone_may_hurry(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    let (id, path) = device(&admin).await;
    let code = code(&admin, &path).await;
    let own = secret(1);
    for reply in join_all((0..8).map(|_| enrol(&world, &code, &own))).await {
        reply.status(200);
    }
    enter(&world, &id, &own).await.status(200);
}

#[apply(both_databases)]
async fn a_device_has_one_open_code(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    let (_, path) = device(&admin).await;
    let codes = join_all((0..4).map(|_| ask_code(&admin, &path))).await;
    for reply in codes {
        reply.status(201);
    }
    let old = code(&admin, &path).await;
    let new = code(&admin, &path).await;
    enrol(&world, &old, &secret(1)).await.problem(400, "invalid_grant");
    // It ends after its day.
    let late = Utc::now() - TimeDelta::seconds(1);
    world
        .service
        .db
        .write(async |tx| {
            enrolment::Entity::update_many()
                .col_expr(enrolment::Column::ExpiresAt, Expr::value(late))
                .exec(tx)
                .await?;
            Ok(())
        })
        .await
        .unwrap();
    enrol(&world, &new, &secret(1)).await.problem(400, "invalid_grant");
    let stored = world
        .service
        .db
        .read(async |tx| Ok(enrolment::Entity::find().all(tx).await?))
        .await
        .unwrap();
    assert_eq!(stored.len(), 1, "unused older codes are gone");
    let row = format!("{stored:?}");
    assert!(!row.contains(&new) && !row.contains(&new.replace('-', "")), "{row}");
}

#[actix_web::test]
async fn only_a_device_that_is_switched_on_gets_a_code() {
    let world = World::on(Backend::Sqlite).await;
    world.load_regency().await;
    let admin = admin(&world).await;
    let system = admin.post(CLIENTS, sakip()).await.status(201);
    let refused = ask_code(&admin.in_english(), system.header("location")).await;
    let refused = refused.problem(409, "conflict");
    assert!(
        text(&refused.json, "detail").contains("Only a device"),
        "{:#}",
        refused.json
    );
    let (_, path) = device(&admin).await;
    let open = code(&admin, &path).await;
    admin.patch(&path, "*", json!({"active": false})).await.status(200);
    ask_code(&admin, &path).await.problem(409, "conflict");
    enrol(&world, &open, &secret(1)).await.problem(400, "invalid_grant");
    admin.patch(&path, "*", json!({"active": true})).await.status(200);
    // Those of another district know nothing of it.
    let elsewhere = world.holder(Role::Administrator, Some("63.11.01"), &[]);
    ask_code(&elsewhere, &path).await.problem(404, "not_found");
    let here = world.holder(Role::Administrator, Some(PARINGIN), &[]);
    let open = code(&here, &path).await;
    admin.delete(&path, "*").await.status(204);
    ask_code(&admin, &path).await.problem(404, "not_found");
    enrol(&world, &open, &secret(1)).await.problem(400, "invalid_grant");
}

#[actix_web::test]
async fn guessing_is_slowed_down() {
    let world = World::on(Backend::Sqlite).await;
    let admin = admin(&world).await;
    let (_, path) = device(&admin).await;
    let code = code(&admin, &path).await;
    // What succeeds is not counted.
    for _ in 0..12 {
        enrol(&world, &code, &secret(1)).await.status(200);
    }
    for n in 0..10 {
        let guess = format!("0000-0000-0000-00{n:02}");
        enrol(&world, &guess, &secret(1)).await.problem(400, "invalid_grant");
    }
    for code in ["0000-0000-0000-0099", &code] {
        let closed = enrol(&world, code, &secret(1)).await.problem(429, "too_many_requests");
        let wait: u64 = closed.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
    }
    // Passwords have counts of their own.
    sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
}

#[actix_web::test]
async fn what_cannot_be_a_code_or_a_secret_is_said() {
    let world = World::on(Backend::Sqlite).await;
    let good = "0000-0000-0000-0000";
    for (code, secret, pointer) in [
        ("0000-0000-0000-000", secret(1), "#/code"),
        ("0000-0000-0000-000U", secret(1), "#/code"),
        ("0000 0000 0000 0000", secret(1), "#/code"),
        (good, secret(1)[1..].to_owned(), "#/secret"),
        (good, format!("{}=", &secret(1)[1..]), "#/secret"),
        (good, format!("{}\u{0}", &secret(1)[1..]), "#/secret"),
    ] {
        let reply = enrol(&world, code, &secret).await.problem(400, "invalid_body");
        assert!(reply.pointers().contains(&pointer), "{code}: {:#}", reply.json);
    }
    enrol(&world, good, &secret(1)).await.problem(400, "invalid_grant");
}

/// What a camera reads from the picture.
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
async fn the_picture_says_where_to_go() {
    let world = World::on(Backend::Sqlite).await;
    let asks = admin(&world).await;
    let (_, path) = device(&asks).await;
    let uri = |server: &str, made: &Value| format!("iku://enrol?server={server}&code={}", text(made, "code"));

    let made = ask_code(&asks.with("host", "192.168.1.5:8080"), &path)
        .await
        .status(201)
        .json;
    assert_eq!(made["uri"], uri("http%3A%2F%2F192.168.1.5%3A8080", &made));
    assert_eq!(scanned(text(&made, "qr_svg")), text(&made, "uri"));
    // A host that is none, and one too long: the address on which the service listens.
    let long = "a".repeat(5000);
    for host in ["tidak ada", &long] {
        let made = ask_code(&asks.with("host", host), &path).await.status(201).json;
        assert_eq!(made["uri"], uri("http%3A%2F%2Flocalhost%3A8080", &made));
    }

    let public_url = Data::new(PublicUrl(Some("https://iku.example.go.id/balangan".to_owned())));
    let world = world.adjusted(|service| service.public_url = public_url).await;
    let made = ask_code(&admin(&world).await, &path).await.status(201).json;
    assert_eq!(made["uri"], uri("https%3A%2F%2Fiku.example.go.id%2Fbalangan", &made));
    assert_eq!(scanned(text(&made, "qr_svg")), text(&made, "uri"));
}
