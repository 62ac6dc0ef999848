//! Problems that occur before the content of a request matters: sign-in, tokens, HTTP, and a failing service.

use iku::platform::error::Code;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::catalogue::Coverage;
use crate::access::{self, TOKEN, form};
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

pub async fn tokens(coverage: &mut Coverage) {
    let world = World::on(Backend::Sqlite).await;
    let get = async |c: Client| c.get(REPORTS).await;
    coverage.meet(Code::Unauthenticated, &world.anonymous(), get).await;
    coverage.meet(Code::InvalidToken, &world.bearer("x"), get).await;
    let twice = world.admin().with("authorization", "Bearer x");
    let refused = coverage.meet(Code::InvalidHeader, &twice, get).await;
    assert_eq!(refused.pointers(), ["header:Authorization"]);
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

    let nothing = format!("{REPORTS}/3f0e4c57-9a31-4c1f-8e3c-2b116f7d9e3f");
    coverage
        .meet(Code::NotFound, &kasi, async |c| c.get(&nothing).await)
        .await;
    let put = async |c: Client| c.put(REPORTS, json!({})).await;
    let refused = coverage.meet(Code::MethodNotAllowed, &kasi, put).await;
    assert_eq!(refused.header("allow"), "GET, HEAD, POST");
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
