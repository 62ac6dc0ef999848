//! Clients: creation with a secret, sign-in, new secrets, switching off, deletion.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{TOKEN, admin, form, sign_in, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::world::{Client, PARINGIN, Reply, World};

pub const CLIENTS: &str = "/v1/clients";

pub fn sakip() -> Value {
    json!({"kind": "system", "name": "SAKIP", "role": "integrator"})
}

pub fn phone() -> Value {
    json!({"kind": "device", "name": "HP loket 1", "role": "surveyor", "district_code": PARINGIN})
}

pub async fn enter(world: &World, id: &str, secret: &str) -> Reply {
    let form = form(&[
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
    ]);
    world.anonymous().post_form(TOKEN, &form).await
}

/// Creates a client; returns its path, id and secret.
async fn created(admin: &Client, client: Value) -> (String, String, String) {
    let reply = admin.post(CLIENTS, client).await.status(201);
    let secret = text(&reply.json, "secret").to_owned();
    (reply.header("location").to_owned(), reply.id(), secret)
}

async fn signed_in(world: &World, id: &str, secret: &str) -> Client {
    let session = enter(world, id, secret).await.status(200);
    world.bearer(text(&session.json, "access_token"))
}

#[apply(both_databases)]
async fn secret_is_shown_once_at_creation(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let created = admin.post(CLIENTS, sakip()).await.status(201);
    assert_eq!(created.header("cache-control"), "no-store");
    assert!(created.json["secret"].is_string());
    let shown = admin.get(created.header("location")).await.status(200);
    assert_body!(shown, @r#"
    {
      "active": true,
      "changed_at": "[instant]",
      "district_code": null,
      "enrolled_at": null,
      "id": "[id]",
      "kind": "system",
      "last_used_at": null,
      "name": "SAKIP",
      "quarantine_open": false,
      "role": "integrator"
    }
    "#);
    assert_eq!(shown.etag(), created.etag());
}

#[apply(both_databases)]
async fn system_signs_in_with_its_secret_and_has_the_scopes_of_its_role(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let (_, id, secret) = created(&world.admin(), sakip()).await;
    let session = enter(&world, &id, &secret).await.status(200);
    assert!(session.json.get("refresh_token").is_none());
    let system = world.bearer(text(&session.json, "access_token"));
    let me = system.get("/v1/me").await.status(200);
    assert_eq!(me.json["username"], json!(id));
    assert_body!(me, @r#"
    {
      "district_code": null,
      "id": "[id]",
      "kind": "system",
      "name": "SAKIP",
      "notices": [],
      "role": "integrator",
      "scopes": [
        "references:read",
        "districts:read",
        "villages:read",
        "decrees:read",
        "indicators:read",
        "targets:read",
        "report-kinds:read",
        "completeness:read",
        "survey-index:read",
        "realisations:read",
        "me:read",
        "me:write"
      ],
      "sections": [],
      "username": "[id]"
    }
    "#);
    let reports = system.get("/v1/reports").await;
    reports.problem(403, "insufficient_scope");
}

#[apply(both_databases)]
async fn sign_in_changes_last_used_at_and_the_etag(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (path, id, secret) = created(&admin, sakip()).await;
    let unused = admin.get(&path).await.status(200);
    enter(&world, &id, &secret).await.status(200);
    let used = admin.get(&path).await.status(200);
    assert!(used.json["last_used_at"].is_string());
    assert_ne!(used.etag(), unused.etag());
}

#[apply(both_databases)]
async fn http_basic_signs_in_with_fewer_scopes(backend: Backend) {
    let world = World::on(backend).await;
    let (_, id, secret) = created(&world.admin(), sakip()).await;
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let session = world
        .anonymous()
        .with("authorization", &basic)
        .post_form(TOKEN, "grant_type=client_credentials&scope=realisations:read")
        .await
        .status(200);
    assert_eq!(session.json["scope"], "realisations:read");
}

#[apply(both_databases)]
async fn revoking_one_token_of_a_client_leaves_the_others(backend: Backend) {
    let world = World::on(backend).await;
    let (_, id, secret) = created(&world.admin(), sakip()).await;
    let other = signed_in(&world, &id, &secret).await;
    let session = enter(&world, &id, &secret).await.status(200);
    let token = text(&session.json, "access_token");
    let revoke = form(&[("token", token)]);
    let revoked = world.anonymous().post_form("/v1/auth/revoke", &revoke).await;
    revoked.status(200);
    let ended = world.bearer(token).get("/v1/me").await;
    ended.problem(401, "invalid_token");
    other.get("/v1/me").await.status(200);
}

#[apply(both_databases)]
async fn new_secret_ends_the_old_one_and_its_tokens(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (path, id, secret) = created(&admin, sakip()).await;
    let system = signed_in(&world, &id, &secret).await;
    let rotated = admin.post(&format!("{path}/secrets"), Value::Null).await.status(201);
    assert_eq!(rotated.header("cache-control"), "no-store");
    enter(&world, &id, &secret).await.problem(401, "invalid_client");
    system.get("/v1/me").await.problem(401, "invalid_token");
    signed_in(&world, &id, text(&rotated.json, "secret")).await;
}

#[apply(both_databases)]
async fn switched_off_client_has_no_token_and_cannot_sign_in(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (path, id, secret) = created(&admin, sakip()).await;
    let system = signed_in(&world, &id, &secret).await;
    let tag = admin.get(&path).await.status(200).etag();
    let change = json!({"active": false, "reason": "Hilang"});
    let off = admin.patch(&path, &tag, change).await.status(200);
    assert!(off.json.get("secret").is_none());
    system.get("/v1/me").await.problem(401, "invalid_token");
    enter(&world, &id, &secret).await.problem(401, "invalid_client");
    let change = json!({"active": true, "name": "SAKIP baru"});
    admin.patch(&path, &off.etag(), change).await.status(200);
    enter(&world, &id, &secret).await.status(200);
}

#[apply(both_databases)]
async fn deleted_client_cannot_sign_in_or_get_a_secret(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (path, id, secret) = created(&admin, sakip()).await;
    let tag = admin.get(&path).await.status(200).etag();
    // Signing in changes the ETag.
    enter(&world, &id, &secret).await.status(200);
    let stale = admin.delete(&path, &tag).await;
    stale.problem(412, "precondition_failed");
    admin.delete(&path, "*").await.status(204);
    admin.get(&path).await.problem(404, "not_found");
    enter(&world, &id, &secret).await.problem(401, "invalid_client");
    let secrets = admin.post(&format!("{path}/secrets"), Value::Null).await;
    secrets.problem(404, "not_found");
}

#[actix_web::test]
async fn repeated_creation_shows_no_secret() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let mut client = phone();
    client["id"] = json!(Uuid::new_v4());
    let created = admin.post(CLIENTS, client.clone()).await.status(201);
    let again = admin.post(CLIENTS, client.clone()).await.status(200);
    assert!(again.json.get("secret").is_none());
    assert_eq!(again.etag(), created.etag());
    signed_in(&world, &created.id(), text(&created.json, "secret")).await;
    client["name"] = json!("HP loket 2");
    admin.post(CLIENTS, client).await.problem(409, "id_conflict");
}

#[actix_web::test]
async fn users_and_clients_are_not_mistaken_for_each_other() {
    let world = World::on(Backend::Sqlite).await;
    let admin = admin(&world).await;
    let (_, id, secret) = created(&admin, phone()).await;
    let own = text(&admin.get("/v1/me").await.status(200).json, "id").to_owned();
    let as_user = admin.get(&format!("/v1/users/{id}")).await;
    as_user.problem(404, "not_found");
    let as_client = admin.get(&format!("{CLIENTS}/{own}")).await;
    as_client.problem(404, "not_found");
    sign_in(&world, &id, &secret).await.problem(400, "invalid_grant");
    enter(&world, &own, ADMIN_PASSWORD).await.problem(401, "invalid_client");
}

#[actix_web::test]
async fn rejects_clients_that_break_a_rule() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let mut failures = Vec::new();
    for (mut client, name, value, status, code) in [
        (sakip(), "role", json!("surveyor"), 422, "rule_broken"),
        (sakip(), "role", json!("administrator"), 422, "rule_broken"),
        (sakip(), "secret", json!("pilihan saya"), 400, "invalid_body"),
        (phone(), "role", json!("integrator"), 422, "rule_broken"),
        (phone(), "district_code", json!(null), 422, "rule_broken"),
        (phone(), "district_code", json!("63.11.99"), 422, "unknown_reference"),
    ] {
        client[name] = value;
        let reply = admin.post(CLIENTS, client.clone()).await;
        failures.extend(
            reply
                .unless_problem(status, code)
                .map(|reply| format!("{client}: {reply}")),
        );
    }
    let (path, ..) = created(&admin, phone()).await;
    for (patch, status, code) in [
        (json!({"role": "auditor"}), 422, "rule_broken"),
        (json!({"kind": "system"}), 400, "invalid_body"),
    ] {
        let reply = admin.patch(&path, "*", patch.clone()).await;
        failures.extend(
            reply
                .unless_problem(status, code)
                .map(|reply| format!("{patch}: {reply}")),
        );
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[actix_web::test]
async fn lists_clients_in_pages_and_by_kind() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    created(&admin, phone()).await;
    let mut auditor = sakip();
    auditor["role"] = json!("auditor");
    created(&admin, auditor).await;
    assert_eq!(admin.all(&format!("{CLIENTS}?limit=1")).await.len(), 2);
    let devices = admin.all(&format!("{CLIENTS}?kind=device")).await;
    assert_eq!(devices[0]["name"], "HP loket 1");
}

#[actix_web::test]
async fn phone_has_no_password_to_change() {
    let world = World::on(Backend::Sqlite).await;
    let (_, id, secret) = created(&world.admin(), phone()).await;
    let phone = signed_in(&world, &id, &secret).await;
    let change = json!({"current_password": "x", "new_password": "kata sandi baru"});
    let reply = phone.post("/v1/me/password", change).await;
    reply.problem(422, "rule_broken");
}
