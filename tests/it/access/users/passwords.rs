//! A user's own password, and passwords set by the command line.

use iku::access::users::cli;
use iku::platform::db::Db;
use serde_json::{Value, json};

use super::{PASSWORD, USERS, kasi, with};
use crate::access::{Session, admin, refresh, sign_in};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::snapshot::assert_body;
use crate::support::world::World;

const PATH: &str = "/v1/me/password";

fn change(current: &str, new: &str) -> Value {
    json!({"current_password": current, "new_password": new})
}

#[actix_web::test]
async fn rejects_a_wrong_current_and_a_short_new_password() {
    let world = World::on(Backend::Sqlite).await;
    let admin = admin(&world).await;
    let wrong = admin.post(PATH, change("bukan ini", "kata sandi baru")).await;
    assert_eq!(wrong.problem(422, "wrong_password").pointers(), ["#/current_password"]);
    let short = admin.post(PATH, change(ADMIN_PASSWORD, "pendek")).await;
    short.problem(400, "invalid_body");
}

#[apply(both_databases)]
async fn own_new_password_ends_every_session_and_begins_one(backend: Backend) {
    let world = World::on(backend).at("2025-06-30T09:00:00+08:00").await;
    let own = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    let other = Session::begin(&world, "admin", ADMIN_PASSWORD).await;
    let changed = own.client.post(PATH, change(ADMIN_PASSWORD, "kata sandi baru")).await;
    let changed = changed.status(200);
    assert_eq!(changed.header("cache-control"), "no-store");
    own.has_ended(&world).await;
    other.has_ended(&world).await;
    let own = Session::new(&world, &changed);
    let me = own.client.get("/v1/me").await.status(200);
    assert_body!(me, @r#"
    {
      "district_code": null,
      "id": "[id]",
      "kind": "user",
      "name": "Administrator",
      "notices": [],
      "role": "administrator",
      "scopes": [
        "references:read",
        "references:write",
        "districts:read",
        "districts:write",
        "villages:read",
        "villages:write",
        "decrees:read",
        "decrees:write",
        "indicators:read",
        "indicators:write",
        "targets:read",
        "targets:write",
        "notes:write",
        "report-kinds:read",
        "report-kinds:write",
        "reports:read",
        "reports:write",
        "reports:check",
        "reports:deliver",
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
        "closings:write",
        "users:read",
        "users:write",
        "clients:read",
        "clients:write",
        "audit:read",
        "me:read",
        "me:write"
      ],
      "sections": [],
      "username": "admin"
    }
    "#);
    let me = own.client.with("if-none-match", &me.etag()).get("/v1/me").await;
    me.status(304);
    refresh(&world, &own.refresh_token).await.status(200);
    let old = sign_in(&world, "admin", ADMIN_PASSWORD).await;
    old.problem(400, "invalid_grant");
    sign_in(&world, "admin", "kata sandi baru").await.status(200);
}

/// The command line creates users by the same rules.
#[actix_web::test]
async fn command_line_rejects_a_short_password_and_a_taken_username() {
    let world = World::on(Backend::Sqlite).await;
    let (db, contract) = (&world.service.db, iku::app::contract().unwrap());
    let add = async |user: Value| cli::add(db, &contract, serde_json::from_value(user).unwrap()).await;
    let added = add(kasi()).await.unwrap();
    assert_eq!(added.username, "kasi.pemerintahan");
    let short = add(with("password", json!("x"))).await.unwrap_err();
    assert_eq!(short.code.as_str(), "invalid_body");
    let twice = add(kasi()).await.unwrap_err();
    assert_eq!(twice.code.as_str(), "duplicate_username");
    let listed = cli::list(db).await.unwrap().into_iter();
    let usernames: Vec<String> = listed.map(|user| user.username).collect();
    assert_eq!(usernames, ["admin", "kasi.pemerintahan"]);
}

#[actix_web::test]
async fn password_set_by_command_line_ends_the_sessions() {
    const NEW: &str = "dari baris perintah";
    let world = World::on(Backend::Sqlite).await;
    let db = &world.service.db;
    let session = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200);
    let session = Session::new(&world, &session);
    cli::set_password(db, "admin", NEW).await.unwrap();
    refresh(&world, &session.refresh_token)
        .await
        .problem(400, "invalid_grant");
    sign_in(&world, "admin", NEW).await.status(200);
    cli::set_password(db, "tidak.ada", NEW).await.unwrap_err();
}

/// Every way to choose a password refuses the same ones.
#[actix_web::test]
async fn weak_passwords_are_refused_everywhere() {
    let world = World::on(Backend::Sqlite).await;
    let admin = admin(&world).await;
    let contract = iku::app::contract().unwrap();
    let made = admin.post(USERS, kasi()).await.status(201);
    let path = made.header("location").to_owned();
    let own = Session::begin(&world, "kasi.pemerintahan", PASSWORD).await.client;
    for weak in [
        "Password123",
        "1234567890",
        "bbbbbbbbbbbb",
        "KASI.pemerintahan",
        "2026kasi.pemerintahan!",
    ] {
        let refused = [
            admin.post(USERS, with("password", json!(weak))).await,
            admin.patch(&path, "*", json!({"password": weak})).await,
            own.post(PATH, change(PASSWORD, weak)).await,
        ];
        for (reply, pointer) in refused.into_iter().zip(["#/password", "#/password", "#/new_password"]) {
            assert_eq!(reply.problem(422, "weak_password").pointers(), [pointer], "{weak}");
        }
        let user = serde_json::from_value(with("password", json!(weak))).unwrap();
        let added = cli::add(&world.service.db, &contract, user).await.unwrap_err();
        let set = cli::set_password(&world.service.db, "kasi.pemerintahan", weak)
            .await
            .unwrap_err();
        assert_eq!([added.code.as_str(), set.code.as_str()], ["weak_password"; 2], "{weak}");
        let empty = Backend::Sqlite.fresh_empty().await;
        let db = Db::open(&empty.url).await.unwrap();
        let chosen = weak
            .replace("kasi.pemerintahan", "admin")
            .replace("KASI.pemerintahan", "adminADMIN");
        let first = iku::startup::prepare(&db, Some(&chosen)).await.unwrap_err();
        assert_eq!(first.code.as_str(), "weak_password", "{chosen}");
        assert!(first.detail.unwrap().en.starts_with("IKU_ADMIN_PASSWORD is refused: "));
    }
    sign_in(&world, "kasi.pemerintahan", PASSWORD).await.status(200);
}
