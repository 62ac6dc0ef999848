//! Guessing: failures delay the caller that guesses, and no other caller.

use std::time::Duration;

use iku::access::auth::TokenService;
use serde_json::{Value, json};

use super::clients::{CLIENTS, phone};
use super::devices::{code, device, enrol, secret};
use super::{TOKEN, form, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::world::{Reply, World};

const OFFICE: &str = "203.0.113.5";

async fn sign_in_from(world: &World, address: &str, username: &str, password: &str) -> Reply {
    let form = form(&[
        ("grant_type", "password"),
        ("username", username),
        ("password", password),
    ]);
    world.anonymous().from(address).post_form(TOKEN, &form).await
}

/// Counts wrong passwords of strangers, each from a network of its own, without the time that hashing them takes.
fn strangers_fail(token_service: &TokenService, username: &str, times: usize) {
    for n in 0..times {
        let key = (username.to_owned(), format!("192.0.2.{n}"));
        token_service.throttle().password_failed(key, false).unwrap();
    }
}

#[apply(both_databases)]
async fn strangers_slow_each_other_and_lock_nobody_out(backend: Backend) {
    let world = World::on(backend).at("2025-03-03T08:00:00+08:00").await;
    sign_in_from(&world, OFFICE, "admin", ADMIN_PASSWORD).await.status(200);
    strangers_fail(&world.service.token_service, "admin", 99);
    let guess = async |address: &str| sign_in_from(&world, address, "admin", "bukan ini juga").await;
    guess("198.51.100.77").await.problem(400, "invalid_grant");
    let closed = guess("198.51.100.78").await.problem(429, "too_many_requests");
    assert_eq!(closed.header("retry-after"), "1");
    world.clock.advance(Duration::from_secs(1));
    guess("198.51.100.79").await.problem(400, "invalid_grant");
    assert_eq!(guess("198.51.100.80").await.header("retry-after"), "2");
    sign_in_from(&world, OFFICE, "admin", ADMIN_PASSWORD).await.status(200);

    // After a restart the office is still known.
    let restarted = world.second_instance().await;
    strangers_fail(&restarted.service.token_service, "admin", 100);
    let closed = sign_in_from(&restarted, "198.51.100.81", "admin", ADMIN_PASSWORD).await;
    closed.problem(429, "too_many_requests");
    sign_in_from(&restarted, OFFICE, "admin", ADMIN_PASSWORD)
        .await
        .status(200);
    // A network is known for thirty days.
    world.clock.advance(Duration::from_secs(31 * 24 * 3600));
    strangers_fail(&world.service.token_service, "admin", 100);
    let closed = sign_in_from(&world, OFFICE, "admin", ADMIN_PASSWORD).await;
    closed.problem(429, "too_many_requests");
}

/// A proxy that is not named, or the router of an office, gives strangers the address of a known caller.
#[apply(both_databases)]
async fn guesses_at_the_same_address_leave_a_known_account_its_turns(backend: Backend) {
    let world = World::on(backend).at("2025-03-03T08:00:00+08:00").await;
    let enter = async |password: &str| sign_in_from(&world, OFFICE, "admin", password).await;
    enter(ADMIN_PASSWORD).await.status(200);
    for _ in 0..10 {
        let key = ("admin".to_owned(), OFFICE.to_owned());
        world
            .service
            .token_service
            .throttle()
            .password_failed(key, true)
            .unwrap();
    }
    for _ in 0..2 {
        let closed = enter(ADMIN_PASSWORD).await.problem(429, "too_many_requests");
        assert_eq!(closed.header("retry-after"), "6");
        world.clock.advance(Duration::from_secs(6));
        enter("bukan ini juga").await.problem(400, "invalid_grant");
    }
    world.clock.advance(Duration::from_secs(6));
    enter(ADMIN_PASSWORD).await.status(200);
}

/// A subscriber has a whole IPv6 network of 64 bits.
#[actix_web::test]
async fn guesses_from_one_ipv6_network_are_counted_together() {
    let world = World::on(Backend::Sqlite).await;
    for n in 0..10 {
        let address = format!("2001:db8:1:2::{n:x}");
        sign_in_from(&world, &address, "siapa", "bukan ini")
            .await
            .problem(400, "invalid_grant");
    }
    let closed = sign_in_from(&world, "2001:db8:1:2:ffff::1", "siapa", "bukan ini").await;
    closed.problem(429, "too_many_requests");
    let other = sign_in_from(&world, "2001:db8:1:3::1", "siapa", "bukan ini").await;
    other.problem(400, "invalid_grant");
}

#[actix_web::test]
async fn two_hundred_phones_behind_one_address_feel_no_failures_of_others() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    sign_in_from(&world, OFFICE, "admin", ADMIN_PASSWORD).await.status(200);
    let throttle = world.service.token_service.throttle();
    for n in 0..40 {
        throttle
            .password_failed((n.to_string(), OFFICE.to_owned()), false)
            .unwrap();
    }
    let sprayed = sign_in_from(&world, OFFICE, "camat", "bukan ini").await;
    sprayed.problem(429, "too_many_requests");
    let carrier = world.anonymous().from(OFFICE);
    let mut phones = Vec::new();
    for _ in 0..200 {
        let made = admin.post(CLIENTS, phone()).await.status(201);
        phones.push((made.id(), text(&made.json, "secret").to_owned()));
    }
    let enter = async |id: &str, secret: &str| {
        let form = form(&[
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
        ]);
        carrier.post_form(TOKEN, &form).await
    };
    // One phone has a wrong secret, and tries again and again.
    let (broken, right) = &phones[0];
    for _ in 0..10 {
        enter(broken, "salah").await.problem(401, "invalid_client");
    }
    enter(broken, "salah").await.problem(429, "too_many_requests");
    enter(broken, right).await.status(200);
    for (id, secret) in &phones {
        enter(id, secret).await.status(200);
    }
    let (_, path) = device(&admin).await;
    let code = code(&admin, &path).await;
    let body = json!({"code": code, "secret": secret(1)});
    carrier.post("/v1/auth/enrolments", body).await.status(200);
    // The office, which shares the address, signs in.
    sign_in_from(&world, OFFICE, "admin", ADMIN_PASSWORD).await.status(200);
}

#[actix_web::test]
async fn secret_of_a_phone_must_be_random() {
    let world = World::on(Backend::Sqlite).await;
    let (_, path) = device(&world.admin()).await;
    let code = code(&world.admin(), &path).await;
    for weak in ["A".repeat(43), format!("{}abc", "0123456789".repeat(4))] {
        let refused = enrol(&world, &code, &weak).await.problem(422, "weak_secret");
        assert_eq!(refused.pointers(), ["#/secret"]);
    }
    enrol(&world, &code, &secret(1)).await.status(200);
}

#[actix_web::test]
async fn pages_of_other_sites_cannot_sign_in() {
    const PAGE: &str = "https://dasbor.example.go.id";
    let world = World::on(Backend::Sqlite)
        .adjust(|service| service.cors_origins = vec![PAGE.to_owned()])
        .await;
    let public = iku::platform::http::public_url::PublicUrl(Some("https://iku.example.go.id".to_owned()));
    let public = actix_web::web::Data::new(public);
    let behind_proxy = world.adjusted(|service| service.public_url = public).await;
    let asked = "grant_type=refresh_token&refresh_token=tidak-ada";
    let mut failures = Vec::new();
    for (world, headers, is_allowed) in [
        (&world, vec![], true),
        (&world, vec![("origin", PAGE), ("sec-fetch-site", "cross-site")], true),
        (
            &world,
            vec![("origin", "http://iku.local:8080"), ("host", "iku.local:8080")],
            true,
        ),
        // A proxy that is not named has ended TLS, or sent another Host.
        (
            &world,
            vec![("origin", "https://iku.local"), ("host", "iku.local")],
            true,
        ),
        (
            &world,
            vec![
                ("sec-fetch-site", "same-origin"),
                ("origin", "https://iku.local"),
                ("host", "upstream"),
            ],
            true,
        ),
        (
            &behind_proxy,
            vec![("origin", "https://iku.example.go.id"), ("host", "upstream:8080")],
            true,
        ),
        (
            &behind_proxy,
            vec![("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")],
            true,
        ),
        (&world, vec![("origin", "https://evil.example")], false),
        (
            &world,
            vec![("origin", "null"), ("sec-fetch-site", "cross-site")],
            false,
        ),
        (&world, vec![("sec-fetch-site", "cross-site")], false),
        (
            &world,
            vec![("origin", "https://evil.example"), ("sec-fetch-site", "same-site")],
            false,
        ),
        (
            &behind_proxy,
            vec![("origin", "https://evil.example"), ("host", "iku.example.go.id")],
            false,
        ),
        (
            &behind_proxy,
            vec![("origin", "https://iku.example.go.id.evil.example")],
            false,
        ),
    ] {
        let client = headers
            .iter()
            .fold(world.anonymous(), |client, (name, value)| client.with(name, value));
        let reply = client.post_form(TOKEN, asked).await;
        let (status, code) = if is_allowed {
            (400, "invalid_grant")
        } else {
            (403, "cross_site")
        };
        failures.extend(
            reply
                .unless_problem(status, code)
                .map(|difference| format!("{headers:?}: {difference}")),
        );
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[actix_web::test]
async fn client_is_named_once() {
    let world = World::on(Backend::Sqlite).await;
    let made = world.admin().post(CLIENTS, phone()).await.status(201);
    let (id, secret) = (made.id(), text(&made.json, "secret"));
    let basic = {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"))
    };
    let client = world.anonymous().with("authorization", &format!("Basic {basic}"));
    let other = Value::from(uuid::Uuid::new_v4().to_string());
    for (more, status) in [
        (String::new(), 200),
        (format!("&client_id={id}"), 200),
        (format!("&client_id={id}&client_secret={secret}"), 400),
        (format!("&client_id={}&client_secret=x", other.as_str().unwrap()), 400),
        (format!("&client_id={}", other.as_str().unwrap()), 400),
    ] {
        let reply = client
            .post_form(TOKEN, &format!("grant_type=client_credentials{more}"))
            .await;
        let reply = reply.status(status);
        if status == 400 {
            assert_eq!(reply.json["error"], "invalid_request");
        }
    }
}
