//! What stock OAuth clients expect: errors of RFC 6749, encoded Basic credentials, and an issuer that is an address.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use super::{TOKEN, form, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend};
use crate::support::world::{Reply, World};

const REPORTS: &str = "/v1/reports";
const REVOKE: &str = "/v1/auth/revoke";

#[actix_web::test]
async fn failures_are_oauth_errors_and_problems() {
    let world = World::on(Backend::Sqlite).await;
    let mut failures = Vec::new();
    for (body, status, code, error) in [
        (
            "grant_type=implicit",
            400,
            "unsupported_grant_type",
            "unsupported_grant_type",
        ),
        ("", 400, "invalid_body", "invalid_request"),
        (
            "grant_type=password&username=admin",
            400,
            "invalid_body",
            "invalid_request",
        ),
        (
            "grant_type=password&grant_type=password",
            400,
            "invalid_body",
            "invalid_request",
        ),
        (
            "grant_type=refresh_token&refresh_token=tidak-ada",
            400,
            "invalid_grant",
            "invalid_grant",
        ),
        (
            "grant_type=password&username=admin&password=salah+salah",
            400,
            "invalid_grant",
            "invalid_grant",
        ),
        ("grant_type=client_credentials", 401, "invalid_client", "invalid_client"),
        (
            "grant_type=client_credentials&client_id=x&client_secret=y",
            401,
            "invalid_client",
            "invalid_client",
        ),
    ] {
        let reply = world.anonymous().post_form(TOKEN, body).await;
        failures.extend(reply.unless_problem(status, code));
        if reply.json["error"] != error {
            failures.push(format!("{body}: {:#}", reply.json));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    let client = world
        .anonymous()
        .post_form(TOKEN, "grant_type=client_credentials")
        .await;
    assert_eq!(client.header("www-authenticate"), "Basic realm=\"iku\"");
    let json = world.anonymous().post(TOKEN, json!({"grant_type": "password"})).await;
    json.problem(415, "unsupported_media_type");
    world.anonymous().get(TOKEN).await.problem(405, "method_not_allowed");
}

/// Stock clients read `error` from `application/json` only. People and other programs find a problem beside it.
#[actix_web::test]
async fn every_error_of_both_endpoints_is_an_oauth_error_and_a_problem() {
    let world = World::on(Backend::Sqlite).await;
    let anyone = world.anonymous();
    let form = "application/x-www-form-urlencoded";
    let large = vec![b'a'; 17 * 1024];
    for path in [TOKEN, REVOKE] {
        let elsewhere = anyone.with("origin", "https://evil.example");
        let mut replies = vec![
            (anyone.post_form(path, "").await, "invalid_request"),
            (
                anyone.post_form(path, "token=\u{0}&grant_type=\"\\é").await,
                match path {
                    TOKEN => "unsupported_grant_type",
                    _ => "invalid_request",
                },
            ),
            (anyone.post_form(path, "%ff=%ff").await, "invalid_request"),
            (anyone.send("POST", path, form, large.clone()).await, "invalid_request"),
            (anyone.post(path, json!({})).await, "invalid_request"),
            (
                anyone.with("content-encoding", "gzip").post_form(path, "a=b").await,
                "invalid_request",
            ),
            (anyone.get(path).await, "invalid_request"),
            (anyone.send("DELETE", path, "", Vec::new()).await, "invalid_request"),
        ];
        if path == TOKEN {
            let wrong = "grant_type=client_credentials&client_id=x&client_secret=y";
            replies.push((
                elsewhere.post_form(path, "grant_type=password").await,
                "unauthorized_client",
            ));
            replies.push((anyone.post_form(path, wrong).await, "invalid_client"));
        }
        for (reply, error) in replies {
            assert!(reply.status >= 400, "{path}");
            assert_eq!(reply.json["error"], error, "{:#}", reply.json);
            check_oauth_error(&reply);
        }
    }
}

#[track_caller]
fn check_oauth_error(reply: &Reply) {
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "no-store");
    let description = text(&reply.json, "error_description");
    let is_allowed = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    assert!(
        !description.is_empty() && description.chars().all(is_allowed),
        "{description}"
    );
    assert_eq!(reply.json["status"], reply.status);
    for member in ["type", "title", "detail", "instance", "code", "errors", "request_id"] {
        assert!(!reply.json[member].is_null(), "{member}: {:#}", reply.json);
    }
}

#[actix_web::test]
async fn basic_credentials_are_form_encoded() {
    let world = World::on(Backend::Sqlite).await;
    let client = json!({"kind": "system", "name": "SAKIP", "role": "integrator"});
    let client = world.admin().post("/v1/clients", client).await.status(201).json;
    // Whatever a library encodes, and if it encodes nothing.
    let all = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let some = |text: &str| text.replace('-', "%2d").replace('_', "%5F");
    let none = |text: &str| text.to_owned();
    let encodings: [&dyn Fn(&str) -> String; 3] = [&all, &some, &none];
    for encode in encodings {
        let basic = format!("{}:{}", encode(text(&client, "id")), encode(text(&client, "secret")));
        let basic = world
            .anonymous()
            .with("authorization", &format!("Basic {}", STANDARD.encode(&basic)));
        basic
            .post_form(TOKEN, "grant_type=client_credentials")
            .await
            .status(200);
    }
    for wrong in ["a%ff:b", "a:%ff", "a%2:b", "+:+"] {
        let basic = world
            .anonymous()
            .with("authorization", &format!("Basic {}", STANDARD.encode(wrong)));
        let refused = basic.post_form(TOKEN, "grant_type=client_credentials").await;
        refused.problem(401, "invalid_client");
    }
}

/// The issuer is an address also where none is set, because stock clients refuse any other (RFC 8414 section 2).
#[actix_web::test]
async fn issuer_is_the_public_address_or_the_one_that_was_asked() {
    let metadata = "/.well-known/oauth-authorization-server";
    let public = "https://iku.example.go.id";
    for (set, issuer) in [(None, "http://10.0.0.7:8080"), (Some(public), public)] {
        let world = World::on(Backend::Sqlite);
        let world = match set {
            Some(url) => world.public_url(url).await,
            None => world.await,
        };
        let anyone = world.anonymous().with("host", "10.0.0.7:8080");
        let found = anyone.get(metadata).await.status(200);
        assert_eq!(found.json["issuer"], issuer);
        let caching = if set.is_some() {
            "public, max-age=300"
        } else {
            "no-store"
        };
        assert_eq!(found.header("cache-control"), caching);
        let members = [
            ("grant_type", "password"),
            ("username", "admin"),
            ("password", ADMIN_PASSWORD),
        ];
        let session = anyone.post_form(TOKEN, &form(&members)).await.status(200).json;
        assert_eq!(claims(text(&session, "access_token"))["iss"], issuer);
        // A token is valid at every address of the service.
        let elsewhere = world
            .bearer(text(&session, "access_token"))
            .with("host", "localhost:8080");
        elsewhere.get(REPORTS).await.status(200);
        let change = json!({"current_password": ADMIN_PASSWORD, "new_password": "kata sandi yang baru"});
        let changed = elsewhere.post("/v1/me/password", change).await.status(200);
        let expected = if set.is_some() { public } else { "http://localhost:8080" };
        assert_eq!(claims(text(&changed.json, "access_token"))["iss"], expected);
    }
}

fn claims(token: &str) -> serde_json::Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
