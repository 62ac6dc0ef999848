//! Nobody hands out more than the token in hand allows, and credentials of others change only after a recent sign-in.

use std::time::Duration;

use iku::access::Role;
use serde_json::{Value, json};

use super::clients::{CLIENTS, phone, sakip};
use super::devices::{code, device, enrol, secret};
use super::{Session, admin, refresh, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::world::{Reply, World};

const USERS: &str = "/v1/users";

fn camat() -> Value {
    json!({
        "username": "camat", "name": "Camat", "role": "head", "district_code": "63.11.06", "password": "rahasia sekali",
    })
}

#[actix_web::test]
async fn narrow_token_makes_no_wider_credential() {
    let world = World::on(Backend::Sqlite).await;
    let whole = world.admin();
    let system = whole.post(CLIENTS, sakip()).await.status(201);
    let (_, phone_path) = device(&whole).await;
    let user = whole.post(USERS, camat()).await.status(201);
    let narrow = |scope: &str| world.holder_of(Role::Administrator, None, &[], scope).in_english();
    let clients = narrow("clients:read clients:write");
    let users = narrow("users:read users:write");
    let (system, user) = (system.header("location").to_owned(), user.header("location").to_owned());
    let auditor = json!({"kind": "system", "name": "Inspektorat", "role": "auditor"});
    let administrator =
        json!({"username": "kedua", "name": "Kedua", "role": "administrator", "password": "rahasia sekali"});
    let refused = [
        clients.post(CLIENTS, auditor.clone()).await,
        clients.post(CLIENTS, phone()).await,
        clients.post(&format!("{system}/secrets"), Value::Null).await,
        clients.post(&format!("{phone_path}/enrolments"), Value::Null).await,
        clients.patch(&system, "*", json!({"role": "auditor"})).await,
        clients.patch(&system, "*", json!({"active": false})).await,
        users.post(USERS, administrator).await,
        users
            .patch(&user, "*", json!({"role": "administrator", "district_code": null}))
            .await,
        users
            .patch(&user, "*", json!({"password": "rahasia sekali lagi"}))
            .await,
    ];
    let failures: Vec<String> = refused
        .iter()
        .filter_map(|r| r.unless_problem(403, "insufficient_scope"))
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
    let detail = text(&refused[0].json, "detail");
    assert!(detail.contains("auditor") && detail.contains("cases:read"), "{detail}");
    // The whole token may, and the narrow one may still look and delete.
    whole.post(CLIENTS, auditor).await.status(201);
    clients.get(&system).await.status(200);
    clients.delete(&system, "*").await.status(204);
}

fn is_asked_to_sign_in(reply: Reply) {
    let reply = reply.problem(401, "insufficient_user_authentication");
    let challenge = reply.header("www-authenticate");
    assert_eq!(
        challenge,
        "Bearer realm=\"iku\", error=\"insufficient_user_authentication\", max_age=900"
    );
}

#[apply(both_databases)]
async fn credentials_of_others_change_only_after_a_recent_sign_in(backend: Backend) {
    let world = World::on(backend).at("2025-03-03T08:00:00+08:00").await;
    let session = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    let user = session.client.post(USERS, camat()).await.status(201);
    let system = session.client.post(CLIENTS, sakip()).await.status(201);
    let (_, enrolled) = device(&session.client).await;
    enrol(&world, &code(&session.client, &enrolled).await, &secret(1))
        .await
        .status(200);
    let (user, system) = (user.header("location").to_owned(), system.header("location").to_owned());
    let new_password = json!({"password": "rahasia sekali lagi"});

    // A refresh gives a new token and no new sign-in.
    world.clock.advance(Duration::from_secs(15 * 60 + 1));
    let later = refresh(&world, &session.refresh_token).await.status(200);
    let later = Session::new(&world, &later).client;
    is_asked_to_sign_in(later.patch(&user, "*", new_password.clone()).await);
    is_asked_to_sign_in(later.post(&format!("{system}/secrets"), Value::Null).await);
    is_asked_to_sign_in(later.post(&format!("{enrolled}/enrolments"), Value::Null).await);
    // New accounts, other changes and a phone that is not in use need none.
    later.patch(&user, "*", json!({"name": "Pak Camat"})).await.status(200);
    later.patch(&system, "*", json!({"active": false})).await.status(200);
    let (_, new) = device(&later).await;
    code(&later, &new).await;

    let again = Session::begin(&world, "admin", ADMIN_PASSWORD).await.client;
    again.patch(&user, "*", new_password).await.status(200);
    again.post(&format!("{system}/secrets"), Value::Null).await.status(201);
    code(&again, &enrolled).await;
}

#[actix_web::test]
async fn own_password_is_changed_with_the_current_one_only() {
    let world = World::on(Backend::Sqlite).await;
    let admin = admin(&world).await.in_english();
    let id = admin.get("/v1/me").await.status(200).id();
    let refused = admin
        .patch(
            &format!("{USERS}/{id}"),
            "*",
            json!({"password": "rahasia sekali lagi"}),
        )
        .await;
    let refused = refused.problem(422, "rule_broken");
    assert_eq!(refused.pointers(), ["#/password"]);
    assert!(
        text(&refused.json, "detail").contains("POST /v1/me/password"),
        "{:#}",
        refused.json
    );
}
