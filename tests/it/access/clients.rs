//! Clients: made with a secret, signed in, rotated, switched off.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{TOKEN, admin, form, sign_in, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::world::{PARINGIN, Reply, World};

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

#[apply(both_databases)]
async fn a_client_lives(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    let made = admin.post(CLIENTS, sakip()).await.status(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let (path, id) = (made.header("location").to_owned(), made.id());
    let secret = text(&made.json, "secret").to_owned();
    let got = admin.get(&path).await.status(200);
    assert!(got.json.get("secret").is_none());
    assert_eq!(got.json["last_used_at"], json!(null));
    assert_eq!(got.etag(), made.etag());

    let session = enter(&world, &id, &secret).await.status(200);
    assert!(session.json.get("refresh_token").is_none());
    let system = world.bearer(text(&session.json, "access_token"));
    let me = system.get("/v1/me").await.status(200).json;
    assert_eq!(
        [&me["kind"], &me["username"], &me["name"]],
        [&json!("system"), &json!(id), &json!("SAKIP")]
    );
    system.get("/v1/reports").await.problem(403, "insufficient_scope");
    // Its use is part of what it shows.
    let used = admin.get(&path).await.status(200);
    assert!(used.json["last_used_at"].is_string());
    assert_ne!(used.etag(), got.etag());

    // HTTP Basic does as well; without scope means with all.
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let by_basic = world
        .anonymous()
        .with("authorization", &basic)
        .post_form(TOKEN, "grant_type=client_credentials&scope=realisations:read")
        .await
        .status(200);
    assert_eq!(by_basic.json["scope"], "realisations:read");
    // A client's token can be revoked like any other.
    let over = world.bearer(text(&by_basic.json, "access_token"));
    let sign_out = form(&[("token", text(&by_basic.json, "access_token"))]);
    world
        .anonymous()
        .post_form("/v1/auth/revoke", &sign_out)
        .await
        .status(200);
    over.get("/v1/me").await.problem(401, "invalid_token");
    system.get("/v1/me").await.status(200);

    // A new secret: the old one and its tokens end.
    let rotated = admin.post(&format!("{path}/secrets"), Value::Null).await.status(201);
    assert_eq!(rotated.header("cache-control"), "no-store");
    enter(&world, &id, &secret).await.problem(401, "invalid_client");
    system.get("/v1/me").await.problem(401, "invalid_token");
    let secret = text(&rotated.json, "secret").to_owned();
    let session = enter(&world, &id, &secret).await.status(200);
    let system = world.bearer(text(&session.json, "access_token"));

    let tag = admin.get(&path).await.status(200).etag();
    let off = admin
        .patch(&path, &tag, json!({"active": false, "reason": "Hilang"}))
        .await
        .status(200);
    assert!(off.json.get("secret").is_none());
    system.get("/v1/me").await.problem(401, "invalid_token");
    enter(&world, &id, &secret).await.problem(401, "invalid_client");
    let on = admin
        .patch(&path, &off.etag(), json!({"active": true, "name": "SAKIP baru"}))
        .await
        .status(200);
    enter(&world, &id, &secret).await.status(200);
    admin
        .delete(&path, &on.etag())
        .await
        .problem(412, "precondition_failed");
    admin.delete(&path, "*").await.status(204);
    admin.get(&path).await.problem(404, "not_found");
    enter(&world, &id, &secret).await.problem(401, "invalid_client");
    admin
        .post(&format!("{path}/secrets"), Value::Null)
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn sending_again_shows_no_secret() {
    let world = World::on(Backend::Sqlite).await;
    let admin = admin(&world).await;
    let mut client = phone();
    client["id"] = json!(Uuid::new_v4());
    let made = admin.post(CLIENTS, client.clone()).await.status(201);
    let again = admin.post(CLIENTS, client.clone()).await.status(200);
    assert!(again.json.get("secret").is_none());
    assert_eq!(again.etag(), made.etag());
    enter(&world, &made.id(), text(&made.json, "secret")).await.status(200);
    client["name"] = json!("HP loket 2");
    admin.post(CLIENTS, client).await.problem(409, "id_conflict");
    // Users and clients are not mistaken for each other.
    admin
        .get(&format!("/v1/users/{}", made.id()))
        .await
        .problem(404, "not_found");
    let own = text(&admin.get("/v1/me").await.status(200).json, "id").to_owned();
    admin.get(&format!("{CLIENTS}/{own}")).await.problem(404, "not_found");
    sign_in(&world, &made.id(), text(&made.json, "secret"))
        .await
        .problem(400, "invalid_grant");
    enter(&world, &own, ADMIN_PASSWORD).await.problem(401, "invalid_client");
}

#[actix_web::test]
async fn what_cannot_be_is_refused() {
    let world = World::on(Backend::Sqlite).await;
    let admin = admin(&world).await;
    let with = |base: Value, name: &str, value: Value| {
        let mut client = base;
        client[name] = value;
        client
    };
    for (client, code) in [
        (with(sakip(), "role", json!("surveyor")), "rule_broken"),
        (with(sakip(), "role", json!("administrator")), "rule_broken"),
        (with(phone(), "role", json!("integrator")), "rule_broken"),
        (with(phone(), "district_code", json!(null)), "rule_broken"),
        (with(phone(), "district_code", json!("63.11.99")), "unknown_reference"),
    ] {
        admin.post(CLIENTS, client).await.problem(422, code);
    }
    admin
        .post(CLIENTS, with(sakip(), "secret", json!("pilihan saya")))
        .await
        .problem(400, "invalid_body");
    let made = admin.post(CLIENTS, phone()).await.status(201);
    let path = made.header("location").to_owned();
    admin
        .patch(&path, &made.etag(), json!({"role": "auditor"}))
        .await
        .problem(422, "rule_broken");
    admin
        .patch(&path, &made.etag(), json!({"kind": "system"}))
        .await
        .problem(400, "invalid_body");
    admin
        .post(CLIENTS, with(sakip(), "role", json!("auditor")))
        .await
        .status(201);
    assert_eq!(admin.all(&format!("{CLIENTS}?limit=1")).await.len(), 2);
    assert_eq!(
        admin.all(&format!("{CLIENTS}?kind=device")).await[0]["name"],
        "HP loket 1"
    );
    // A phone has no password to change.
    let session = enter(&world, &made.id(), text(&made.json, "secret")).await.status(200);
    world
        .bearer(text(&session.json, "access_token"))
        .post(
            "/v1/me/password",
            json!({"current_password": "x", "new_password": "kata sandi baru"}),
        )
        .await
        .problem(422, "rule_broken");
}
