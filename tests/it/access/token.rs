//! The token endpoint: three grants, rotation, sign-out, throttling.

use serde_json::json;

use super::{TOKEN, form, refresh, sign_in, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::world::World;

const REPORTS: &str = "/v1/reports";

#[apply(both_databases)]
async fn a_password_opens_the_door(backend: Backend) {
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
    // A phone's keyboard begins with a capital.
    sign_in(&world, "Admin", ADMIN_PASSWORD).await.status(200);
}

#[actix_web::test]
async fn the_token_says_what_rfc_9068_wants() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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

/// A program that is given the address alone finds its way (RFC 8414).
#[actix_web::test]
async fn the_ways_in_are_published() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous().with("host", "iku.example.go.id");
    let told = anyone.get("/.well-known/oauth-authorization-server").await.status(200);
    let answer = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
    assert_eq!(told.json["issuer"], world.service.token_service.issuer());
    let base = "http://iku.example.go.id";
    assert_eq!(told.json["token_endpoint"], format!("{base}{TOKEN}"));
    let keys = text(&told.json, "jwks_uri").strip_prefix(base).unwrap().to_owned();
    anyone.get(&keys).await.status(200);
    let scopes = told.json["scopes_supported"].as_array().unwrap();
    for scope in text(&answer.json, "scope").split(' ') {
        assert!(scopes.iter().any(|s| s == scope), "{scope}");
    }
    let held = anyone.with("if-none-match", &told.etag());
    held.get("/.well-known/oauth-authorization-server").await.status(304);
}

#[actix_web::test]
async fn what_clients_send_besides_is_tolerated() {
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
    // What is asked for is given as far as the role has it; unknown scopes fall away.
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
async fn what_is_wrong_is_said_in_the_words_of_oauth() {
    let world = World::on(Backend::Sqlite).await;
    let ask = async |members: &[(&str, &str)]| world.anonymous().post_form(TOKEN, &form(members)).await;
    let wrong = sign_in(&world, "admin", "salah salah")
        .await
        .problem(400, "invalid_grant");
    assert_eq!(wrong.json["error"], "invalid_grant");
    assert_eq!(
        wrong.json["error_description"],
        "Username, password, token or code is not valid"
    );
    let nobody = sign_in(&world, "tidak.ada", "salah salah").await;
    assert_eq!(
        nobody.problem(400, "invalid_grant").json["detail"],
        wrong.json["detail"]
    );
    let other = ask(&[("grant_type", "implicit")]).await;
    assert_eq!(
        other.problem(400, "unsupported_grant_type").json["error"],
        "unsupported_grant_type"
    );
    let empty = ask(&[]).await.problem(400, "invalid_body");
    assert_eq!(empty.json["error"], "invalid_request");
    assert_eq!(empty.pointers(), ["#/grant_type"]);
    let half = ask(&[("grant_type", "password"), ("username", "admin")]).await;
    assert_eq!(half.problem(400, "invalid_body").pointers(), ["#/password"]);
    ask(&[("grant_type", "password"), ("grant_type", "password")])
        .await
        .problem(400, "invalid_body");
    ask(&[("grant_type", "refresh_token"), ("refresh_token", "tidak-ada")])
        .await
        .problem(400, "invalid_grant");
    let client = ask(&[
        ("grant_type", "client_credentials"),
        ("client_id", "x"),
        ("client_secret", "y"),
    ])
    .await
    .problem(401, "invalid_client");
    assert_eq!(client.header("www-authenticate"), "Basic realm=\"iku\"");
    assert_eq!(client.json["error"], "invalid_client");
    ask(&[("grant_type", "client_credentials")])
        .await
        .problem(401, "invalid_client");
    world
        .anonymous()
        .post(TOKEN, json!({"grant_type": "password"}))
        .await
        .problem(415, "unsupported_media_type");
    world.anonymous().get(TOKEN).await.problem(405, "method_not_allowed");
}

#[apply(both_databases)]
async fn refresh_tokens_rotate(backend: Backend) {
    let world = World::on(backend).await;
    let first = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200).json;
    let second = refresh(&world, text(&first, "refresh_token")).await.status(200).json;
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    // The answer was lost: the first is good until the second is used.
    let again = refresh(&world, text(&first, "refresh_token")).await.status(200).json;
    let third = refresh(&world, text(&again, "refresh_token")).await.status(200).json;
    let holder = world.bearer(text(&third, "access_token"));
    holder.get(REPORTS).await.status(200);
    // Now it is an old one: somebody has a copy, and everything of this sign-in ends.
    refresh(&world, text(&first, "refresh_token"))
        .await
        .problem(400, "invalid_grant");
    holder.get(REPORTS).await.problem(401, "invalid_token");
    refresh(&world, text(&third, "refresh_token"))
        .await
        .problem(400, "invalid_grant");
    // Another sign-in is none of its business.
    sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
}

#[actix_web::test]
async fn of_two_successors_one_goes_on() {
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
async fn a_refresh_can_narrow_and_never_widen() {
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
async fn signing_out_ends_both_tokens(backend: Backend, #[values("access_token", "refresh_token")] by: &str) {
    let world = World::on(backend).await;
    let session = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200).json;
    let other = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200).json;
    let sign_out = form(&[("token", text(&session, by)), ("token_type_hint", "any")]);
    for _ in 0..2 {
        let said = world
            .anonymous()
            .post_form("/v1/auth/revoke", &sign_out)
            .await
            .status(200);
        assert!(said.body.is_empty());
    }
    world
        .bearer(text(&session, "access_token"))
        .get(REPORTS)
        .await
        .problem(401, "invalid_token");
    refresh(&world, text(&session, "refresh_token"))
        .await
        .problem(400, "invalid_grant");
    world
        .bearer(text(&other, "access_token"))
        .get(REPORTS)
        .await
        .status(200);
    world
        .anonymous()
        .post_form("/v1/auth/revoke", "token=apa-saja")
        .await
        .status(200);
    world
        .anonymous()
        .post_form("/v1/auth/revoke", "")
        .await
        .problem(400, "invalid_body");
}

#[actix_web::test]
async fn only_failures_are_counted() {
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
async fn other_instances_hear_of_it(backend: Backend) {
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
    // What its task does every two seconds.
    revocation::refresh(&there.service.db, &there.service.token_service)
        .await
        .unwrap();
    elsewhere.get(REPORTS).await.problem(401, "invalid_token");
    // One that starts later knows it from the start.
    let later = world.second_instance().await;
    later
        .bearer(text(&session, "access_token"))
        .get(REPORTS)
        .await
        .problem(401, "invalid_token");
}
