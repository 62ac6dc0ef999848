//! Rate limits: which caller must wait, and the headers about it. The clock moves only if a test moves it.

use std::time::Duration;

use actix_web::web::Data;
use chrono::DateTime;
use clap::Parser;
use iku::platform::clock::Clock;
use iku::platform::http::client::TrustedProxies;
use iku::platform::http::limits::{CLASSES, Class, Quota, RateLimiter};
use serde_json::json;

use crate::responses::{Setting, answer};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, Reply, World};

const VILLAGES: &str = "/v1/villages?limit=1";

/// Requests and seconds by class; other classes have no limit.
async fn world(backend: Backend, quotas: &'static [(Class, u32, u64)]) -> (World, Clock) {
    let clock = Clock::fixed(DateTime::UNIX_EPOCH);
    let quota = |class| {
        let (_, requests, seconds) = *quotas.iter().find(|(c, _, _)| *c == class)?;
        let window = Duration::from_secs(seconds);
        Some(Quota { requests, window })
    };
    let limiter = RateLimiter::new(quota, &clock);
    let limit = |service: &mut iku::app::Service| {
        service.rate_limiter = Data::new(limiter);
        service.trusted_proxies = Data::new(TrustedProxies::new(vec!["10.0.0.0/30".parse().unwrap()]));
    };
    (World::on(backend).adjust(limit).await, clock)
}

/// Returns `RateLimit` and `RateLimit-Policy`.
fn limits(reply: &Reply) -> (&str, &str) {
    (reply.header("ratelimit"), reply.header("ratelimit-policy"))
}

const THREE_READS: &[(Class, u32, u64)] = &[(Class::Reads, 3, 30), (Class::Writes, 1, 60), (Class::Anonymous, 1, 60)];

/// Returns an officer who has used up the three reads of `THREE_READS`.
async fn after_three_reads(world: &World) -> Client {
    let kasi = world.officer(&["pemerintahan"]);
    for _ in 0..3 {
        kasi.get(VILLAGES).await.status(200);
    }
    kasi
}

#[apply(both_databases)]
async fn headers_count_down_to_429(backend: Backend) {
    let (world, _) = world(backend, THREE_READS).await;
    let kasi = world.officer(&["pemerintahan"]);
    let policy = "\"reads\";q=3;w=30";
    for left in ["\"reads\";r=2;t=10", "\"reads\";r=1;t=20", "\"reads\";r=0;t=30"] {
        let reply = kasi.get(VILLAGES).await.status(200);
        assert_eq!(limits(&reply), (left, policy));
    }
    let refused = kasi.get(VILLAGES).await.problem(429, "too_many_requests");
    assert_eq!(limits(&refused), ("\"reads\";r=0;t=30", policy));
    assert_eq!(refused.header("retry-after"), "10");
}

#[actix_web::test]
async fn refusal_says_how_long_to_wait_in_the_callers_language() {
    let (world, _) = world(Backend::Sqlite, THREE_READS).await;
    let kasi = after_three_reads(&world).await;
    let indonesian = kasi.get(VILLAGES).await.problem(429, "too_many_requests");
    assert_eq!(indonesian.json["detail"], "Coba lagi setelah 10 detik.");
    let kasi = kasi.in_english();
    let head = kasi.send("HEAD", VILLAGES, "", Vec::new()).await;
    assert_eq!(head.header("content-language"), "en");
    let english = kasi.get(VILLAGES).await.problem(429, "too_many_requests");
    assert_eq!(english.json["detail"], "Try again after 10 seconds.");
}

#[actix_web::test]
async fn each_class_and_each_caller_has_its_own_quota() {
    let (world, _) = world(Backend::Sqlite, THREE_READS).await;
    let kasi = after_three_reads(&world).await;
    let written = kasi.post("/v1/reports", json!({})).await.problem(400, "invalid_body");
    assert_eq!(limits(&written), ("\"writes\";r=0;t=60", "\"writes\";q=1;w=60"));
    let refused = kasi.post("/v1/reports", json!({})).await;
    refused.problem(429, "too_many_requests");
    world.officer(&["pemerintahan"]).get(VILLAGES).await.status(200);
    world.anonymous().get("/problems").await.status(200);
}

#[actix_web::test]
async fn caller_who_waits_is_served_and_refusals_do_not_count() {
    let (world, clock) = world(Backend::Sqlite, THREE_READS).await;
    let kasi = after_three_reads(&world).await;
    for _ in 0..3 {
        kasi.get(VILLAGES).await.problem(429, "too_many_requests");
    }
    clock.advance(Duration::from_secs(9));
    let early = kasi.get(VILLAGES).await.problem(429, "too_many_requests");
    assert_eq!(early.header("retry-after"), "1");
    clock.advance(Duration::from_secs(1));
    let reply = kasi.get(VILLAGES).await.status(200);
    assert_eq!(limits(&reply).0, "\"reads\";r=0;t=30");
    clock.advance(Duration::from_secs(3600));
    let reply = kasi.get(VILLAGES).await.status(200);
    assert_eq!(limits(&reply).0, "\"reads\";r=2;t=10");
}

const REVALIDATIONS: &[(Class, u32, u64)] = &[(Class::Reads, 2, 20), (Class::Revalidations, 5, 50)];

#[actix_web::test]
async fn revalidation_is_a_read_only_if_the_content_is_new() {
    let (world, _) = world(Backend::Sqlite, REVALIDATIONS).await;
    let kasi = world.officer(&["pemerintahan"]);
    let village = "/v1/villages/63.11.06.2005";
    let read = kasi.get(village).await.status(200);
    assert_eq!(limits(&read), ("\"reads\";r=1;t=10", "\"reads\";q=2;w=20"));
    let (held, old) = (
        kasi.with("if-none-match", &read.etag()),
        kasi.with("if-none-match", "\"1\""),
    );
    let same = held.get(village).await.status(304);
    assert_eq!(
        limits(&same),
        ("\"revalidations\";r=4;t=10", "\"revalidations\";q=5;w=50")
    );
    let new = old.get(village).await.status(200);
    assert_eq!(limits(&new), ("\"reads\";r=0;t=20", "\"reads\";q=2;w=20"));
    // The reads are used up: what the caller holds can still be confirmed, and nothing else is sent.
    let refused = old.get(village).await.problem(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "10");
    held.get(village).await.status(304);
    kasi.get(village).await.problem(429, "too_many_requests");
    held.get(village).await.status(304);
    let refused = held.get(village).await.problem(429, "too_many_requests");
    assert_eq!(limits(&refused).1, "\"revalidations\";q=5;w=50");
    // Without a valid token the address counts, as for all requests.
    let anyone = world
        .anonymous()
        .with("if-none-match", "\"1\"")
        .get("/problems")
        .await
        .status(200);
    assert_eq!(limits(&anyone), ("", ""));
}

#[actix_web::test]
async fn two_tokens_of_one_account_are_one_caller() {
    let (world, _) = world(Backend::Sqlite, &[(Class::Reads, 1, 60)]).await;
    let form = "grant_type=password&username=admin&password=kata sandi admin";
    let token = async || {
        let reply = world.anonymous().post_form("/v1/auth/token", form).await.status(200);
        world.bearer(reply.json["access_token"].as_str().unwrap())
    };
    token().await.get(VILLAGES).await.status(200);
    token().await.get(VILLAGES).await.problem(429, "too_many_requests");
}

#[actix_web::test]
async fn requests_without_a_valid_token_count_by_address() {
    let (world, clock) = world(Backend::Sqlite, &[(Class::Anonymous, 5, 50), (Class::Reads, 1, 60)]).await;
    let anyone = world.anonymous();
    for (reply, status) in [
        (anyone.get("/problems").await, 200),
        (anyone.get(VILLAGES).await, 401),
        (anyone.get("/nowhere").await, 404),
        (anyone.send("DELETE", "/v1/villages", "", Vec::new()).await, 405),
        (world.bearer("not.a.token").get(VILLAGES).await, 401),
    ] {
        let reply = reply.status(status);
        assert_eq!(limits(&reply).1, "\"anonymous\";q=5;w=50");
        assert!(limits(&reply).0.starts_with("\"anonymous\";r="), "{status}");
    }
    for asked in [&anyone, &world.bearer("not.a.token"), &world.bearer("")] {
        for path in [
            VILLAGES,
            "/problems",
            "/openapi.json",
            "/swagger-ui/",
            "/metrics",
            "/nowhere",
        ] {
            let refused = asked.get(path).await.problem(429, "too_many_requests");
            assert_eq!(refused.header("retry-after"), "10", "{path}");
        }
    }
    // The phones of a village share an address, so requests with a token do not count for it.
    for _ in 0..3 {
        world.officer(&[]).get(VILLAGES).await.status(200);
    }
    anyone.from("192.0.2.7").get("/problems").await.status(200);
    clock.advance(Duration::from_secs(10));
    anyone.get("/problems").await.status(200);
    anyone.get("/problems").await.problem(429, "too_many_requests");
}

#[actix_web::test]
async fn sign_in_has_its_own_class() {
    let (world, clock) = world(Backend::Sqlite, &[(Class::SignIn, 3, 30), (Class::Anonymous, 1, 60)]).await;
    let anyone = world.anonymous();
    let form = "grant_type=password&username=admin&password=kata sandi admin";
    let reply = anyone.post_form("/v1/auth/token", form).await.status(200);
    assert_eq!(limits(&reply), ("\"sign-in\";r=2;t=10", "\"sign-in\";q=3;w=30"));
    let code = json!({"code": "AAAA-AAAA-AAAA-AAAA", "secret": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"});
    let reply = anyone.post("/v1/auth/enrolments", code.clone()).await;
    assert_eq!(reply.status, 400);
    // Sign-outs never keep others from signing in.
    let revoked = anyone.post_form("/v1/auth/revoke", "token=x").await.status(200);
    assert_eq!(limits(&revoked), ("", ""));
    anyone.post_form("/v1/auth/token", "grant_type=x").await.status(400);

    let refused = anyone.in_english().post_form("/v1/auth/token", form).await;
    let refused = refused.problem(429, "too_many_requests");
    assert_eq!(refused.json["error"], "temporarily_unavailable");
    // The same path with an escaped letter.
    let bytes = form.as_bytes().to_vec();
    let disguised = anyone.with("authorization", "Basic eDp5");
    let disguised = disguised.send("POST", "/v1/auth/%74oken", "application/x-www-form-urlencoded", bytes);
    assert_eq!(disguised.await.status, 429);
    assert_eq!(refused.header("retry-after"), "10");
    anyone
        .post("/v1/auth/enrolments", code)
        .await
        .problem(429, "too_many_requests");
    anyone.get("/problems").await.status(200);
    anyone
        .from("192.0.2.7")
        .post_form("/v1/auth/token", form)
        .await
        .status(200);
    clock.advance(Duration::from_secs(10));
    anyone.post_form("/v1/auth/token", form).await.status(200);
}

#[actix_web::test]
async fn answers_of_phones_have_their_own_class() {
    let (world, _) = world(Backend::Sqlite, &[(Class::Sync, 3, 30), (Class::Writes, 1, 60)]).await;
    let phone = world.holder(iku::access::Role::Surveyor, Some("63.11.06"), &[]);
    let status = json!({"ids": ["0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e60"]});
    let reply = phone.post("/v1/responses/status", status.clone()).await.status(200);
    assert_eq!(limits(&reply), ("\"sync\";r=2;t=10", "\"sync\";q=3;w=30"));
    phone.post("/v1/responses/batch", json!({"items": []})).await;
    let single = "/v1/surveys/0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e60/responses";
    phone.post(single, json!({})).await.problem(400, "invalid_body");
    for (path, body) in [
        ("/v1/responses/status", status),
        ("/v1/responses/batch", json!({"items": []})),
        (single, json!({})),
    ] {
        let refused = phone.post(path, body).await.problem(429, "too_many_requests");
        assert_eq!(refused.header("retry-after"), "10");
    }
    phone.get("/v1/surveys").await.status(200);
}

#[actix_web::test]
async fn revoked_phone_has_one_small_class_for_all_its_requests() {
    let (world, clock) = world(Backend::Sqlite, &[(Class::Sync, 300, 15), (Class::Quarantine, 2, 60)]).await;
    let revoked = world.revoked_phone();
    let status = json!({"ids": ["0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e60"]});
    let reply = revoked.post("/v1/responses/status", status.clone()).await.status(200);
    assert_eq!(limits(&reply), ("\"quarantine\";r=1;t=30", "\"quarantine\";q=2;w=60"));
    revoked.get("/v1/surveys").await.problem(403, "insufficient_scope");
    let refused = revoked.post("/v1/responses/batch", json!({"items": []})).await;
    let refused = refused.problem(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "30");
    // Other phones, also other revoked phones, do not wait for it.
    let phone = world.holder(iku::access::Role::Surveyor, Some("63.11.06"), &[]);
    let reply = phone.post("/v1/responses/status", status.clone()).await.status(200);
    assert_eq!(limits(&reply).1, "\"sync\";q=300;w=15");
    let other = world.revoked_phone();
    other.post("/v1/responses/status", status.clone()).await.status(200);
    clock.advance(Duration::from_secs(30));
    revoked.post("/v1/responses/status", status).await.status(200);
}

#[actix_web::test]
async fn forwarded_address_counts_only_from_a_trusted_proxy() {
    let (world, _) = world(Backend::Sqlite, &[(Class::Anonymous, 1, 60)]).await;
    let behind = |peer: &str, address: &str| world.anonymous().from(peer).with("x-forwarded-for", address);
    behind("10.0.0.1", "192.0.2.7").get("/problems").await.status(200);
    behind("10.0.0.1", "192.0.2.8").get("/problems").await.status(200);
    let again = behind("10.0.0.1", "192.0.2.7").get("/problems").await;
    again.problem(429, "too_many_requests");
    // Other peers cannot choose their address.
    behind("203.0.113.5", "192.0.2.9").get("/problems").await.status(200);
    let again = behind("203.0.113.5", "192.0.2.10").get("/problems").await;
    again.problem(429, "too_many_requests");
}

#[actix_web::test]
async fn ipv6_addresses_count_by_network() {
    let (world, _) = world(Backend::Sqlite, &[(Class::Anonymous, 1, 60)]).await;
    let six = |address: &str| world.anonymous().from(address);
    six("2001:db8:1:2::1").get("/problems").await.status(200);
    six("2001:db8:1:2::2")
        .get("/problems")
        .await
        .problem(429, "too_many_requests");
    six("2001:db8:1:3::1").get("/problems").await.status(200);
}

#[actix_web::test]
async fn health_is_never_limited() {
    let (world, _) = world(Backend::Sqlite, &[(Class::Anonymous, 1, 60)]).await;
    let anyone = world.anonymous();
    anyone.get("/problems").await.status(200);
    for _ in 0..5 {
        for path in ["/health/live", "/health/ready"] {
            let reply = anyone.get(path).await.status(200);
            assert_eq!(limits(&reply), ("", ""));
        }
    }
    anyone.get("/problems").await.problem(429, "too_many_requests");
}

#[actix_web::test]
async fn without_quotas_nothing_is_limited() {
    let (world, _) = world(Backend::Sqlite, &[]).await;
    for asked in [world.anonymous(), world.admin(), world.bearer("not.a.token")] {
        for _ in 0..5 {
            let reply = asked.get("/problems").await.status(200);
            assert_eq!(limits(&reply), ("", ""));
            asked.get(VILLAGES).await;
        }
    }
}

#[actix_web::test]
async fn class_without_quota_is_not_limited() {
    let (world, _) = world(Backend::Sqlite, &[(Class::Anonymous, 1, 60)]).await;
    let kasi = world.officer(&[]);
    for _ in 0..5 {
        assert_eq!(limits(&kasi.get(VILLAGES).await.status(200)), ("", ""));
    }
}

#[test]
fn classes_name_existing_operations() {
    let document = iku::app::openapi();
    for (path, _) in CLASSES {
        let is_operation = document["paths"][path]["post"].is_object();
        assert!(is_operation || iku::pages::has(path), "{path}");
    }
}

#[actix_web::test]
async fn valid_token_counts_by_account_on_public_operations_too() {
    let (world, _) = world(Backend::Sqlite, &[(Class::Reads, 2, 60), (Class::Anonymous, 1, 60)]).await;
    let kasi = world.officer(&[]);
    assert_eq!(limits(&kasi.get("/problems").await.status(200)).0, "\"reads\";r=1;t=30");
    assert_eq!(limits(&kasi.get("/nowhere").await.status(404)).0, "\"reads\";r=0;t=60");
    kasi.get("/problems").await.problem(429, "too_many_requests");
    world.anonymous().get("/problems").await.status(200);
}

/// All phones of a village may have one address: none of them ever meets a limit.
#[apply(both_databases)]
async fn phones_behind_one_address_sign_in_and_send_without_a_refusal(backend: Backend) {
    let settings = iku::config::Settings::parse_from(["iku"]);
    let clock = Clock::fixed(DateTime::UNIX_EPOCH);
    let limiter = RateLimiter::new(|class| settings.limit(class), &clock);
    let Setting {
        world, kasi, survey, ..
    } = Setting::open(backend).await;
    let world = world
        .adjusted(|service| service.rate_limiter = Data::new(limiter))
        .await;
    let carrier = world.anonymous().from("203.0.113.9");
    let id = survey.rsplit('/').next().unwrap();
    let mut admin = world.admin();
    for n in 0..200 {
        if n % 100 == 0 {
            admin = world.admin();
        }
        let device = json!({
            "kind": "device", "name": format!("HP {n}"), "role": "surveyor", "district_code": "63.11.06",
        });
        let device = admin.post("/v1/clients", device).await.status(201);
        let secret = device.json["secret"].as_str().unwrap();
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={secret}",
            device.id()
        );
        let token = carrier.post_form("/v1/auth/token", &form).await.status(200);
        let phone = world
            .bearer(token.json["access_token"].as_str().unwrap())
            .from("203.0.113.9");
        for _ in 0..2 {
            let mut item = answer(3);
            item["survey_id"] = json!(id);
            item["id"] = json!(uuid::Uuid::new_v4());
            let body = json!({"sent_at": world.clock.now(), "items": [item]});
            let reply = phone.post("/v1/responses/batch", body).await.status(207);
            assert_eq!(reply.json["results"][0]["outcome"], "created");
        }
    }
    let index = kasi.get(&format!("{survey}/index")).await.status(200);
    assert_eq!(index.json["respondents"], 400);
}
