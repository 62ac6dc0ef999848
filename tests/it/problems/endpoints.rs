//! Problems that occur before the content of a request matters: sign-in, tokens, HTTP, and a failing service.

use std::time::Duration;

use actix_web::web::Data;
use iku::platform::db::Db;
use iku::platform::error::Code;
use iku::platform::http::upload::BodyPatience;
use iku::results::response_cache::ResponseCache;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::catalogue::Coverage;
use crate::access::{self, TOKEN, form};
use crate::demo::demonstration;
use crate::support::backend::{ADMIN_PASSWORD, Backend};
use crate::support::world::{Client, World};

const REPORTS: &str = "/v1/reports";

pub async fn sign_in(coverage: &mut Coverage) {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    for (code, members) in [
        (Code::UnsupportedGrantType, &[("grant_type", "implicit")][..]),
        (
            Code::InvalidGrant,
            &[("grant_type", "refresh_token"), ("refresh_token", "tidak-ada")],
        ),
        (Code::InvalidClient, &[("grant_type", "client_credentials")]),
        (Code::InvalidBody, &[("grant_type", "password")]),
        (
            Code::InvalidBody,
            &[("grant_type", "password"), ("grant_type", "password")],
        ),
        (
            Code::InvalidScope,
            &[
                ("grant_type", "password"),
                ("username", "admin"),
                ("password", ADMIN_PASSWORD),
                ("scope", "openid"),
            ],
        ),
    ] {
        let form = form(members);
        let refused = coverage
            .meet(code, &anyone, async |c| c.post_form(TOKEN, &form).await)
            .await;
        assert!(refused.json["error"].is_string(), "{form}");
    }
    let page = anyone.with("origin", "https://evil.example");
    let refresh = async |c: Client| c.post_form(TOKEN, "grant_type=refresh_token&refresh_token=x").await;
    coverage.meet(Code::CrossSite, &page, refresh).await;
    for _ in 0..10 {
        access::sign_in(&world, "banyak.coba", "salah salah").await.status(400);
    }
    let again = form(&[
        ("grant_type", "password"),
        ("username", "banyak.coba"),
        ("password", "salah salah"),
    ]);
    let refused = coverage
        .meet(Code::TooManyRequests, &anyone, async |c| {
            c.post_form(TOKEN, &again).await
        })
        .await;
    assert!(refused.header("retry-after").parse::<u64>().unwrap() <= 61);
}

/// Only a sign-in that is longer ago than fifteen minutes is not enough for another account's secret.
pub async fn old_sign_in(coverage: &mut Coverage) {
    let world = World::on(Backend::Sqlite).at("2025-03-03T08:00:00+08:00").await;
    let session = access::Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    let system = json!({"kind": "system", "name": "SAKIP", "role": "integrator"});
    let system = session.client.post("/v1/clients", system).await.status(201);
    world.clock.advance(std::time::Duration::from_secs(16 * 60));
    let later = access::refresh(&world, &session.refresh_token).await.status(200);
    let later = access::Session::new(&world, &later).client;
    let path = format!("{}/secrets", system.header("location"));
    let make = async |c: Client| c.post(&path, json!(null)).await;
    coverage.meet(Code::InsufficientUserAuthentication, &later, make).await;
}

pub async fn tokens(coverage: &mut Coverage) {
    let world = World::on(Backend::Sqlite).await;
    let get = async |c: Client| c.get(REPORTS).await;
    coverage.meet(Code::Unauthenticated, &world.anonymous(), get).await;
    coverage.meet(Code::InvalidToken, &world.bearer("x"), get).await;
    let twice = world.admin().with("authorization", "Bearer x");
    let refused = coverage.meet(Code::InvalidHeader, &twice, get).await;
    assert_eq!(refused.pointers(), ["Authorization"]);
    let phone = world.revoked_phone();
    coverage.meet(Code::InsufficientScope, &phone, get).await;
    let body =
        json!({"village_code": "63.11.06.2005", "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    let other = world.officer(&["pmd"]);
    coverage
        .meet(Code::WrongSection, &other, async |c| {
            c.post(REPORTS, body.clone()).await
        })
        .await;
}

pub async fn http(coverage: &mut Coverage) {
    let world = World::on(Backend::Sqlite).await;
    let kasi = world.officer(&["pemerintahan"]);
    let json = "application/json";
    let send = async |coverage: &mut Coverage, code, actor, media: &str, body: &[u8]| {
        let ask = async |c: Client| c.send("POST", REPORTS, media, body.to_vec()).await;
        coverage.meet(code, actor, ask).await
    };
    send(coverage, Code::InvalidJson, &kasi, json, b"{\"a\": ").await;
    send(coverage, Code::UnsupportedMediaType, &kasi, "text/plain", b"{}").await;
    let zipped = kasi.with("content-encoding", "gzip");
    send(coverage, Code::BadRequest, &zipped, json, b"{}").await;
    let brotli = kasi.with("content-encoding", "br");
    send(coverage, Code::UnsupportedContentEncoding, &brotli, json, b"{}").await;
    let large = vec![b' '; 1024 * 1024 + 1];
    send(coverage, Code::BodyTooLarge, &kasi, json, &large).await;
    let pause = Duration::from_millis(20);
    let patience = BodyPatience {
        pause,
        ..BodyPatience::default()
    };
    let impatient = world
        .adjusted(|service| service.body_patience = Data::new(patience))
        .await;
    let silent = impatient.officer(&["pemerintahan"]).silent();
    send(coverage, Code::RequestTimeout, &silent, json, b"{}").await;

    let nothing = format!("{REPORTS}/3f0e4c57-9a31-4c1f-8e3c-2b116f7d9e3f");
    coverage
        .meet(Code::NotFound, &kasi, async |c| c.get(&nothing).await)
        .await;
    let put = async |c: Client| c.put(REPORTS, json!({})).await;
    let refused = coverage.meet(Code::MethodNotAllowed, &kasi, put).await;
    assert_eq!(refused.header("allow"), "GET, HEAD, POST, OPTIONS");
    let unknown = async |c: Client| c.send("PROPFIND", REPORTS, "", Vec::new()).await;
    coverage.meet(Code::NotImplemented, &kasi, unknown).await;
    let long = format!("{REPORTS}?{}", "a".repeat(9000));
    coverage
        .meet(Code::UriTooLong, &kasi, async |c| c.get(&long).await)
        .await;
    let csv = kasi.with("accept", "text/csv");
    coverage
        .meet(Code::NotAcceptable, &csv, async |c| c.get(REPORTS).await)
        .await;
    let keyed = kasi.with("idempotency-key", "pesanan-7");
    let refused = send(coverage, Code::InvalidHeader, &keyed, json, b"{}").await;
    assert_eq!(refused.pointers(), ["Idempotency-Key"]);
    let picky = kasi.with("accept-encoding", "identity;q=0, x-own");
    coverage
        .meet(Code::NotAcceptable, &picky, async |c| c.get("/swagger-ui/").await)
        .await;
    for path in ["/v1/reports?cursor=e30", "/v1/villages?cursor=AAAA"] {
        coverage
            .meet(Code::InvalidCursor, &kasi, async |c| c.get(path).await)
            .await;
    }
    coverage
        .meet(Code::InvalidPath, &kasi, async |c| c.get("/v1/reports/x").await)
        .await;
    coverage
        .meet(Code::InvalidQuery, &kasi, async |c| c.get("/v1/reports?x=1").await)
        .await;
}

/// A missing table is an internal error; a closed database is unavailable.
pub async fn failing_service(coverage: &mut Coverage) {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin().of_broken_service();
    let db = world.service.db.get_ref().clone();
    let rename = "ALTER TABLE report RENAME TO report_elsewhere";
    db.connection().execute_unprepared(rename).await.unwrap();
    let refused = coverage
        .meet(Code::Internal, &admin, async |c| c.get(REPORTS).await)
        .await;
    let body = String::from_utf8(refused.body.clone()).unwrap();
    assert!(!body.contains("table") && !body.contains("sqlx"), "{body}");
    db.close().await.unwrap();
    let refused = coverage
        .meet(Code::Unavailable, &admin, async |c| c.get(REPORTS).await)
        .await;
    assert_eq!(refused.header("retry-after"), "1");
}

/// A read whose time is over as soon as it takes some thousand steps.
pub async fn slow_read(coverage: &mut Coverage) {
    let world = demonstration(Backend::Sqlite).await;
    let db = Db::open_limited(&world.database.url, Some(Duration::ZERO))
        .await
        .unwrap();
    let world = world
        .adjusted(|service| {
            service.response_cache = Data::new(ResponseCache::new(db.clone(), 0));
            service.db = Data::new(db);
        })
        .await;
    let scan = "/v1/indicators/paringin-iku-1/realisations/2025?as_of=2025-11-30T23:59:59.999999%2B08:00";
    coverage
        .meet(Code::TooExpensive, &world.admin(), async |c| c.get(scan).await)
        .await;
}
