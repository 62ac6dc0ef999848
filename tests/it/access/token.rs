//! The token endpoint: three grants, refresh tokens, sign-out, limits on failures.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::{Session, TOKEN, form, refresh, sign_in, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::world::World;

const REPORTS: &str = "/v1/reports";
const REVOKE: &str = "/v1/auth/revoke";

#[apply(both_databases)]
async fn password_grant_gives_tokens(backend: Backend) {
    let world = World::on(backend).await;
    let answer = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
    assert_eq!(answer.json["token_type"], "Bearer");
    assert_eq!(answer.json["expires_in"], 900);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(text(&answer.json, "scope").contains("users:write"));
    world
        .bearer(text(&answer.json, "access_token"))
        .get(REPORTS)
        .await
        .status(200);
    // The keyboard of a phone begins with a capital letter.
    sign_in(&world, "Admin", ADMIN_PASSWORD).await.status(200);
}

#[apply(both_databases)]
async fn tokens_and_sessions_end_by_the_clock_of_the_service(backend: Backend) {
    let world = World::on(backend).at("2024-02-01T08:00:00+08:00").await;
    let session = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    world.clock.advance(Duration::from_secs(900));
    session.client.get(REPORTS).await.status(200);
    world.clock.advance(Duration::from_secs(1));
    session.client.get(REPORTS).await.problem(401, "invalid_token");
    let next = refresh(&world, &session.refresh_token).await.status(200);
    let next = Session::new(&world, &next);
    next.client.get(REPORTS).await.status(200);
    world.clock.advance(Duration::from_secs(30 * 24 * 3600 + 1));
    next.has_ended(&world).await;
}

#[actix_web::test]
async fn access_token_has_the_claims_of_rfc_9068() {
    let world = World::on(Backend::Sqlite).await;
    let answer = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
    let part = |i: usize| -> serde_json::Value {
        let part = text(&answer.json, "access_token").split('.').nth(i).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let (header, claims) = (part(0), part(1));
    assert_eq!(header["alg"], "EdDSA");
    assert_eq!(header["typ"], "at+jwt");
    for name in [
        "iss",
        "aud",
        "sub",
        "client_id",
        "iat",
        "exp",
        "jti",
        "scope",
        "sections",
    ] {
        assert!(!claims[name].is_null(), "{name}");
    }
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    let keys = world.anonymous().get("/.well-known/jwks.json").await.status(200);
    assert_eq!(keys.header("cache-control"), "public, max-age=300");
    let key = &keys.json["keys"][0];
    assert_eq!(key["kid"], header["kid"]);
    assert_eq!([&key["kty"], &key["crv"]], [&json!("OKP"), &json!("Ed25519")]);
    assert!(key.get("d").is_none());
}

/// A program that knows only the address finds the endpoints (RFC 8414).
#[actix_web::test]
async fn metadata_names_the_endpoints_and_scopes() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous().with("host", "iku.example.go.id");
    let metadata = anyone.get("/.well-known/oauth-authorization-server").await.status(200);
    let answer = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
    let base = "http://iku.example.go.id";
    assert_eq!(metadata.json["issuer"], base);
    assert_eq!(metadata.json["response_types_supported"], json!(["none"]));
    assert_eq!(metadata.json["token_endpoint"], format!("{base}{TOKEN}"));
    let keys = text(&metadata.json, "jwks_uri").strip_prefix(base).unwrap().to_owned();
    anyone.get(&keys).await.status(200);
    let scopes = metadata.json["scopes_supported"].as_array().unwrap();
    for scope in text(&answer.json, "scope").split(' ') {
        assert!(scopes.iter().any(|s| s == scope), "{scope}");
    }
    let held = anyone.with("if-none-match", &metadata.etag());
    held.get("/.well-known/oauth-authorization-server").await.status(304);
}

#[actix_web::test]
async fn ignores_unknown_members_and_parameters() {
    let world = World::on(Backend::Sqlite).await;
    let base = [
        ("grant_type", "password"),
        ("username", "admin"),
        ("password", ADMIN_PASSWORD),
    ];
    // Swagger UI: an empty Basic client, empty scope and client members.
    let swagger = form(&[&base[..], &[("scope", ""), ("client_id", ""), ("client_secret", "")]].concat());
    let all = world
        .anonymous()
        .with("authorization", "Basic Og==")
        .post_form(TOKEN, &swagger)
        .await
        .status(200);
    assert!(text(&all.json, "scope").contains("clients:write"));
    let unknown = form(&[&base[..], &[("audience", "x"), ("resource", "y")]].concat());
    world
        .anonymous()
        .post_form(&format!("{TOKEN}?tenant=1"), &unknown)
        .await
        .status(200);
}

#[actix_web::test]
async fn grants_the_requested_scopes_that_the_role_has() {
    let world = World::on(Backend::Sqlite).await;
    let base = [
        ("grant_type", "password"),
        ("username", "admin"),
        ("password", ADMIN_PASSWORD),
    ];
    let some = form(&[&base[..], &[("scope", "reports:read openid cases:write")]].concat());
    let some = world.anonymous().post_form(TOKEN, &some).await.status(200);
    assert_eq!(some.json["scope"], "reports:read cases:write");
    let narrow = world.bearer(text(&some.json, "access_token"));
    narrow.get(REPORTS).await.status(200);
    narrow.post(REPORTS, json!({})).await.problem(403, "insufficient_scope");
    let none = form(&[&base[..], &[("scope", "openid")]].concat());
    let refused = world.anonymous().post_form(TOKEN, &none).await;
    assert_eq!(refused.problem(400, "invalid_scope").json["error"], "invalid_scope");
}

#[actix_web::test]
async fn missing_members_are_named() {
    let world = World::on(Backend::Sqlite).await;
    for (body, pointer) in [
        ("", "#/grant_type"),
        ("grant_type=password&username=admin", "#/password"),
    ] {
        let reply = world.anonymous().post_form(TOKEN, body).await;
        assert_eq!(reply.pointers(), [pointer]);
    }
}

#[actix_web::test]
async fn wrong_password_and_unknown_user_give_the_same_problem() {
    let world = World::on(Backend::Sqlite).await;
    let wrong = sign_in(&world, "admin", "salah salah").await;
    let unknown = sign_in(&world, "tidak.ada", "salah salah").await;
    assert_body!(wrong, @r#"
    {
      "code": "invalid_grant",
      "detail": "Ketik lagi dengan teliti (perhatikan Caps Lock). Bila tetap ditolak, masuk kembali dari awal atau minta kata sandi atau kode baru kepada administrator.",
      "error": "invalid_grant",
      "error_description": "Username, password, token or code is not valid. Type it again carefully (check Caps Lock). If it still fails, sign in again or ask an administrator for a new password or code.",
      "errors": [],
      "instance": "/v1/auth/token",
      "request_id": "[id]",
      "status": 400,
      "title": "Nama pengguna, kata sandi, token, atau kode tidak berlaku",
      "type": "/problems/invalid_grant"
    }
    "#);
    let (wrong, unknown) = (
        wrong.problem(400, "invalid_grant"),
        unknown.problem(400, "invalid_grant"),
    );
    assert_eq!(wrong.json["detail"], unknown.json["detail"]);
}

#[apply(both_databases)]
async fn reused_refresh_token_ends_the_session(backend: Backend) {
    let world = World::on(backend).await;
    let first = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200).json;
    let second = refresh(&world, text(&first, "refresh_token")).await.status(200).json;
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    // If the reply was lost, the first token is still valid until the second is used.
    let again = refresh(&world, text(&first, "refresh_token")).await.status(200).json;
    let third = refresh(&world, text(&again, "refresh_token")).await.status(200).json;
    let holder = world.bearer(text(&third, "access_token"));
    holder.get(REPORTS).await.status(200);
    // Now the first token is old, so somebody has a copy: the whole session ends.
    refresh(&world, text(&first, "refresh_token"))
        .await
        .problem(400, "invalid_grant");
    holder.get(REPORTS).await.problem(401, "invalid_token");
    refresh(&world, text(&third, "refresh_token"))
        .await
        .problem(400, "invalid_grant");
    // Another session of the same user is not affected.
    sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
}

#[actix_web::test]
async fn second_successor_of_a_refresh_token_ends_the_session() {
    let world = World::on(Backend::Sqlite).await;
    let first = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200).json;
    let one = refresh(&world, text(&first, "refresh_token")).await.status(200).json;
    let other = refresh(&world, text(&first, "refresh_token")).await.status(200).json;
    let next = refresh(&world, text(&one, "refresh_token")).await.status(200).json;
    refresh(&world, text(&other, "refresh_token"))
        .await
        .problem(400, "invalid_grant");
    refresh(&world, text(&next, "refresh_token"))
        .await
        .problem(400, "invalid_grant");
}

#[actix_web::test]
async fn refresh_can_narrow_the_scopes_and_never_widen_them() {
    let world = World::on(Backend::Sqlite).await;
    let asked = form(&[
        ("grant_type", "password"),
        ("username", "admin"),
        ("password", ADMIN_PASSWORD),
        ("scope", "reports:read cases:read"),
    ]);
    let first = world.anonymous().post_form(TOKEN, &asked).await.status(200).json;
    let narrower = form(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&first, "refresh_token")),
        ("scope", "cases:read users:write"),
    ]);
    let narrower = world.anonymous().post_form(TOKEN, &narrower).await.status(200).json;
    assert_eq!(narrower["scope"], "cases:read");
    let full = refresh(&world, text(&narrower, "refresh_token")).await.status(200).json;
    assert_eq!(full["scope"], "reports:read cases:read");
}

#[apply(both_databases)]
async fn revoking_either_token_ends_the_session_and_no_other(backend: Backend) {
    let world = World::on(backend).await;
    let other = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    for revoked in ["access_token", "refresh_token"] {
        let tokens = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
        let revoke = form(&[("token", text(&tokens.json, revoked)), ("token_type_hint", "any")]);
        for _ in 0..2 {
            let reply = world.anonymous().post_form(REVOKE, &revoke).await.status(200);
            assert!(reply.body.is_empty());
        }
        Session::new(&world, &tokens).has_ended(&world).await;
    }
    other.client.get(REPORTS).await.status(200);
}

#[actix_web::test]
async fn revoking_an_unknown_token_is_200_and_no_token_is_400() {
    let world = World::on(Backend::Sqlite).await;
    let unknown = world.anonymous().post_form(REVOKE, "token=apa-saja").await;
    unknown.status(200);
    let missing = world.anonymous().post_form(REVOKE, "").await;
    missing.problem(400, "invalid_body");
}

#[actix_web::test]
async fn ten_failed_sign_ins_are_429_and_successes_do_not_count() {
    let world = World::on(Backend::Sqlite).await;
    for _ in 0..3 {
        sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
    }
    for _ in 0..10 {
        sign_in(&world, "siapa", "salah salah")
            .await
            .problem(400, "invalid_grant");
    }
    let closed = sign_in(&world, "siapa", "salah salah").await;
    let closed = closed.problem(429, "too_many_requests");
    let wait: u64 = closed.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(closed.json["error"], "temporarily_unavailable");
    sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
}

#[apply(both_databases)]
async fn sign_out_reaches_the_other_instances(backend: Backend) {
    use iku::access::auth::revocation;
    let world = World::on(backend).await;
    let there = world.second_instance().await;
    let session = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200).json;
    let elsewhere = there.bearer(text(&session, "access_token"));
    elsewhere.get(REPORTS).await.status(200);
    let sign_out = form(&[("token", text(&session, "refresh_token"))]);
    world
        .anonymous()
        .post_form("/v1/auth/revoke", &sign_out)
        .await
        .status(200);
    // The task of the other instance does this every two seconds.
    revocation::refresh(&there.service.db, &there.service.token_service)
        .await
        .unwrap();
    elsewhere.get(REPORTS).await.problem(401, "invalid_token");
    // An instance that starts later knows the revocation from the start.
    let later = world.second_instance().await;
    later
        .bearer(text(&session, "access_token"))
        .get(REPORTS)
        .await
        .problem(401, "invalid_token");
}
