//! A user from creation to deletion, and which changes end the user's sessions.

use serde_json::json;

use super::{PASSWORD, USERS, created, kasi};
use crate::access::{Session, admin, refresh, sign_in};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::world::World;

const USERNAME: &str = "kasi.pemerintahan";

#[apply(both_databases)]
async fn created_user_is_shown_without_password(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (path, created) = created(&admin).await;
    assert_eq!(path, format!("{USERS}/{}", created.id()));
    assert_body!(created, @r#"
    {
      "active": true,
      "changed_at": "[instant]",
      "district_code": "63.11.06",
      "id": "[id]",
      "name": "Kasi Pemerintahan",
      "role": "officer",
      "sections": [
        "pemerintahan"
      ],
      "username": "kasi.pemerintahan"
    }
    "#);
    let shown = admin.get(&path).await.status(200);
    assert_eq!((&shown.json, shown.etag()), (&created.json, created.etag()));
    admin.with("if-none-match", &shown.etag()).get(&path).await.status(304);
}

#[apply(both_databases)]
async fn user_signs_in_with_the_sections_of_the_account(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    created(&world.admin()).await;
    let session = Session::begin(&world, USERNAME, PASSWORD).await;
    session.client.get("/v1/reports").await.status(200);
    assert_body!(session.client.get("/v1/me").await.status(200), @r#"
    {
      "district_code": "63.11.06",
      "id": "[id]",
      "kind": "user",
      "name": "Kasi Pemerintahan",
      "notices": [],
      "role": "officer",
      "scopes": [
        "references:read",
        "districts:read",
        "villages:read",
        "decrees:read",
        "indicators:read",
        "targets:read",
        "notes:write",
        "report-kinds:read",
        "reports:read",
        "reports:write",
        "completeness:read",
        "institutions:read",
        "institutions:write",
        "cases:read",
        "cases:write",
        "surveys:read",
        "surveys:write",
        "survey-index:read",
        "responses:read",
        "responses:write",
        "held-responses:read",
        "held-responses:write",
        "evidence:read",
        "realisations:read",
        "me:read",
        "me:write"
      ],
      "sections": [
        "pemerintahan"
      ],
      "username": "kasi.pemerintahan"
    }
    "#);
}

#[apply(both_databases)]
async fn new_name_ends_no_session(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (path, created) = created(&admin).await;
    let session = Session::begin(&world, USERNAME, PASSWORD).await;
    let change = json!({"name": "Kasi Pem", "reason": "Singkat"});
    let renamed = admin.patch(&path, &created.etag(), change).await.status(200);
    assert_eq!(renamed.json["name"], "Kasi Pem");
    session.client.get("/v1/reports").await.status(200);
    refresh(&world, &session.refresh_token).await.status(200);
}

#[apply(both_databases)]
async fn stale_etag_is_412_and_an_unchanged_name_keeps_the_etag(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (path, created) = created(&admin).await;
    let name = json!({"name": "Kasi Pem"});
    let renamed = admin.patch(&path, &created.etag(), name.clone()).await.status(200);
    let stale = admin.patch(&path, &created.etag(), json!({"name": "X"})).await;
    stale.problem(412, "precondition_failed");
    let stale = admin.delete(&path, &created.etag()).await;
    stale.problem(412, "precondition_failed");
    let unchanged = admin.patch(&path, &renamed.etag(), name).await.status(200);
    assert_eq!(unchanged.etag(), renamed.etag());
}

#[apply(both_databases)]
async fn new_sections_end_the_access_token_and_not_the_session(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (path, created) = created(&admin).await;
    let session = Session::begin(&world, USERNAME, PASSWORD).await;
    let change = json!({"sections": ["pmd"]});
    admin.patch(&path, &created.etag(), change).await.status(200);
    let ended = session.client.get("/v1/reports").await;
    ended.problem(401, "invalid_token");
    let reply = refresh(&world, &session.refresh_token).await.status(200);
    let session = Session::new(&world, &reply);
    let me = session.client.get("/v1/me").await.status(200);
    assert_eq!(me.json["sections"], json!(["pmd"]));
}

#[apply(both_databases)]
async fn new_password_ends_every_session(backend: Backend) {
    const NEW: &str = "lain sekali lho";
    let world = World::on(backend).await;
    let admin = world.admin();
    let (path, created) = created(&admin).await;
    let session = Session::begin(&world, USERNAME, PASSWORD).await;
    let reset = admin.patch(&path, &created.etag(), json!({"password": NEW})).await;
    assert_ne!(reset.status(200).etag(), created.etag());
    session.has_ended(&world).await;
    let old = sign_in(&world, USERNAME, PASSWORD).await;
    old.problem(400, "invalid_grant");
    sign_in(&world, USERNAME, NEW).await.status(200);
}

#[apply(both_databases)]
async fn switched_off_user_has_no_session_and_cannot_sign_in(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let (path, created) = created(&admin).await;
    let session = Session::begin(&world, USERNAME, PASSWORD).await;
    let off = admin.patch(&path, &created.etag(), json!({"active": false})).await;
    let off = off.status(200);
    session.has_ended(&world).await;
    let refused = sign_in(&world, USERNAME, PASSWORD).await;
    refused.problem(400, "invalid_grant");
    let on = admin.patch(&path, &off.etag(), json!({"active": true})).await;
    on.status(200);
    sign_in(&world, USERNAME, PASSWORD).await.status(200);
}

/// Records name the user, so no other user gets the name.
#[apply(both_databases)]
async fn deleted_user_has_no_session_and_keeps_the_username(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    let (path, created) = created(&admin).await;
    let session = Session::begin(&world, USERNAME, PASSWORD).await;
    admin.delete(&path, &created.etag()).await.status(204);
    admin.get(&path).await.problem(404, "not_found");
    session.has_ended(&world).await;
    let refused = sign_in(&world, USERNAME, PASSWORD).await;
    refused.problem(400, "invalid_grant");
    admin.post(USERS, kasi()).await.problem(409, "duplicate_username");
}
