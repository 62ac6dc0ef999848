//! Users: made, changed, signed out by it, deleted; and one's own account.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{admin, refresh, sign_in, text};
use crate::support::backend::{ADMIN_PASSWORD, Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

const USERS: &str = "/v1/users";
const PASSWORD: &str = "rahasia sekali";

fn kasi() -> Value {
    json!({
        "username": "kasi.pemerintahan", "name": "Kasi Pemerintahan", "role": "officer", "district_code": PARINGIN,
        "sections": ["pemerintahan"], "password": PASSWORD,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut user = kasi();
    user[name] = value;
    user
}

#[apply(both_databases)]
async fn a_user_lives(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    let made = admin.post(USERS, kasi()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("{USERS}/{}", made.id()));
    assert!(made.json.get("password").is_none());
    assert_eq!(made.json["active"], true);
    let got = admin.get(&path).await.status(200);
    assert_eq!((got.json.clone(), got.etag()), (made.json.clone(), made.etag()));
    admin.with("if-none-match", &got.etag()).get(&path).await.status(304);

    let session = sign_in(&world, "kasi.pemerintahan", PASSWORD).await.status(200).json;
    let holder = world.bearer(text(&session, "access_token"));
    holder.get("/v1/reports").await.status(200);
    assert_eq!(
        holder.get("/v1/me").await.status(200).json["sections"],
        json!(["pemerintahan"])
    );

    // A name alone ends nothing.
    let renamed = admin
        .patch(&path, &made.etag(), json!({"name": "Kasi Pem", "reason": "Singkat"}))
        .await;
    let renamed = renamed.status(200);
    assert_eq!(renamed.json["name"], "Kasi Pem");
    holder.get("/v1/reports").await.status(200);
    admin
        .patch(&path, &made.etag(), json!({"name": "X"}))
        .await
        .problem(412, "precondition_failed");
    let same = admin
        .patch(&path, &renamed.etag(), json!({"name": "Kasi Pem"}))
        .await
        .status(200);
    assert_eq!(same.etag(), renamed.etag());

    // Another section: the access token ends, the sign-in goes on with the new rights.
    let moved = admin
        .patch(&path, &renamed.etag(), json!({"sections": ["pmd"]}))
        .await
        .status(200);
    holder.get("/v1/reports").await.problem(401, "invalid_token");
    let session = refresh(&world, text(&session, "refresh_token")).await.status(200).json;
    let holder = world.bearer(text(&session, "access_token"));
    assert_eq!(holder.get("/v1/me").await.status(200).json["sections"], json!(["pmd"]));

    // A new password: all ends.
    let reset = admin
        .patch(&path, &moved.etag(), json!({"password": "lain sekali lho"}))
        .await
        .status(200);
    assert_ne!(reset.etag(), moved.etag());
    holder.get("/v1/me").await.problem(401, "invalid_token");
    refresh(&world, text(&session, "refresh_token"))
        .await
        .problem(400, "invalid_grant");
    sign_in(&world, "kasi.pemerintahan", PASSWORD)
        .await
        .problem(400, "invalid_grant");
    let session = sign_in(&world, "kasi.pemerintahan", "lain sekali lho")
        .await
        .status(200)
        .json;

    // Switched off, and on again.
    let off = admin
        .patch(&path, &reset.etag(), json!({"active": false}))
        .await
        .status(200);
    world
        .bearer(text(&session, "access_token"))
        .get("/v1/me")
        .await
        .problem(401, "invalid_token");
    refresh(&world, text(&session, "refresh_token"))
        .await
        .problem(400, "invalid_grant");
    sign_in(&world, "kasi.pemerintahan", "lain sekali lho")
        .await
        .problem(400, "invalid_grant");
    let on = admin
        .patch(&path, &off.etag(), json!({"active": true}))
        .await
        .status(200);
    let session = sign_in(&world, "kasi.pemerintahan", "lain sekali lho")
        .await
        .status(200)
        .json;

    admin
        .delete(&path, &off.etag())
        .await
        .problem(412, "precondition_failed");
    admin.delete(&path, &on.etag()).await.status(204);
    admin.get(&path).await.problem(404, "not_found");
    world
        .bearer(text(&session, "access_token"))
        .get("/v1/me")
        .await
        .problem(401, "invalid_token");
    sign_in(&world, "kasi.pemerintahan", "lain sekali lho")
        .await
        .problem(400, "invalid_grant");
    // The name stands beside what they recorded: nobody else gets it.
    admin.post(USERS, kasi()).await.problem(409, "duplicate_username");
}

#[apply(both_databases)]
async fn sending_again_is_safe(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    let user = with("id", json!(Uuid::new_v4()));
    let made = admin.post(USERS, user.clone()).await.status(201);
    let path = made.header("location").to_owned();
    assert_eq!(admin.post(USERS, user.clone()).await.status(200).json, made.json);
    let renamed = admin
        .patch(&path, &made.etag(), json!({"name": "Lain"}))
        .await
        .status(200);
    assert_eq!(admin.post(USERS, user.clone()).await.status(200).json, renamed.json);
    let mut other = user.clone();
    other["name"] = json!("Orang lain");
    admin.post(USERS, other).await.problem(409, "id_conflict");
    admin.delete(&path, &renamed.etag()).await.status(204);
    admin.post(USERS, user).await.problem(409, "deleted");
}

#[apply(both_databases)]
async fn two_at_once_make_one(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    let user = with("id", json!(Uuid::new_v4()));
    let (one, other) = futures_util::future::join(admin.post(USERS, user.clone()), admin.post(USERS, user)).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201]);
}

#[actix_web::test]
async fn what_cannot_be_is_refused() {
    let world = World::on(Backend::Sqlite).await;
    let admin = admin(&world).await;
    let refused = async |user: Value, status: u16, code: &str, pointer: &str| {
        let reply = admin.post(USERS, user).await.problem(status, code);
        assert_eq!(reply.pointers(), [pointer], "{:#}", reply.json);
    };
    for bad in ["ab", "Kasi", "kasi pmd", "kasi@x", &"a".repeat(65)] {
        let reply = admin.post(USERS, with("username", json!(bad))).await;
        assert_eq!(
            reply.problem(400, "invalid_body").json["errors"][0]["pointer"],
            "#/username"
        );
    }
    refused(with("password", json!("pendek")), 400, "invalid_body", "#/password").await;
    refused(with("role", json!("camat")), 400, "invalid_body", "#/role").await;
    refused(
        with("sections", json!(["keuangan"])),
        400,
        "invalid_body",
        "#/sections/0",
    )
    .await;
    refused(with("sections", json!([])), 422, "rule_broken", "#/sections").await;
    refused(with("role", json!("head")), 422, "rule_broken", "#/sections").await;
    refused(
        with("district_code", json!(null)),
        422,
        "rule_broken",
        "#/district_code",
    )
    .await;
    refused(
        with("district_code", json!("63.11.99")),
        422,
        "unknown_reference",
        "#/district_code",
    )
    .await;
    let mut nothing = kasi();
    nothing.as_object_mut().unwrap().remove("password");
    refused(nothing, 400, "invalid_body", "#/password").await;
    // Everybody in the regency may be an auditor, an integrator or an administrator.
    for role in ["administrator", "integrator", "auditor"] {
        let user = json!({"username": format!("kab.{role}"), "name": role, "role": role, "password": PASSWORD});
        assert_eq!(
            admin.post(USERS, user).await.status(201).json["district_code"],
            json!(null)
        );
    }
    // A patch makes nothing that a creation could not.
    let made = admin.post(USERS, kasi()).await.status(201);
    let path = made.header("location").to_owned();
    for (patch, status, code) in [
        (json!({"sections": []}), 422, "rule_broken"),
        (json!({"role": "head"}), 422, "rule_broken"),
        (json!({"district_code": null}), 422, "rule_broken"),
        (json!({"name": null}), 400, "invalid_body"),
        (json!({"username": "lain"}), 400, "invalid_body"),
        (json!({"password": "pendek"}), 400, "invalid_body"),
    ] {
        admin.patch(&path, &made.etag(), patch).await.problem(status, code);
    }
    admin
        .with("if-match", &made.etag())
        .send("DELETE", &path, "", Vec::new())
        .await
        .problem(400, "invalid_query");
}

#[apply(both_databases)]
async fn an_administrator_always_remains(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    let own = &admin.all(USERS).await[0];
    let path = format!("{USERS}/{}", text(own, "id"));
    let tag = admin.get(&path).await.status(200).etag();
    for patch in [
        json!({"active": false}),
        json!({"role": "auditor"}),
        json!({"district_code": PARINGIN}),
    ] {
        admin.patch(&path, &tag, patch).await.problem(409, "last_administrator");
    }
    admin.delete(&path, &tag).await.problem(409, "last_administrator");
    let second = json!({"username": "admin.dua", "name": "Dua", "role": "administrator", "password": PASSWORD});
    admin.post(USERS, second).await.status(201);
    admin.delete(&path, &tag).await.status(204);
    admin.get(USERS).await.problem(401, "invalid_token");
}

#[actix_web::test]
async fn a_district_administrator_stays_in_the_district() {
    use iku::access::Role;
    let world = World::on(Backend::Sqlite).await;
    world.load_regency().await;
    let regency = admin(&world).await;
    let there = regency
        .post(USERS, with("district_code", json!("63.11.01")))
        .await
        .status(201);
    let local = world.holder(Role::Administrator, Some(PARINGIN), &[]);
    assert_eq!(local.all(USERS).await, Vec::<Value>::new());
    local.get(there.header("location")).await.problem(404, "not_found");
    local
        .get(&format!("{USERS}?district=63.11.01"))
        .await
        .problem(404, "not_found");
    let elsewhere =
        json!({"username": "lain", "name": "Lain", "role": "head", "district_code": "63.11.01", "password": PASSWORD});
    local.post(USERS, elsewhere).await.problem(422, "unknown_reference");
    let everywhere = json!({"username": "lain", "name": "Lain", "role": "administrator", "password": PASSWORD});
    local.post(USERS, everywhere).await.problem(422, "rule_broken");
    let here =
        json!({"username": "camat", "name": "Camat", "role": "head", "district_code": PARINGIN, "password": PASSWORD});
    let here = local.post(USERS, here).await.status(201);
    local
        .patch(
            here.header("location"),
            &here.etag(),
            json!({"role": "administrator", "district_code": null}),
        )
        .await
        .problem(422, "rule_broken");
}

#[apply(both_databases)]
async fn users_come_in_pages(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    for n in 1..=3 {
        admin
            .post(USERS, with("username", json!(format!("petugas{n}"))))
            .await
            .status(201);
    }
    let names: Vec<Value> = admin
        .all(&format!("{USERS}?limit=1"))
        .await
        .into_iter()
        .map(|u| u["username"].clone())
        .collect();
    assert_eq!(names, ["admin", "petugas1", "petugas2", "petugas3"]);
    let page = admin
        .get(&format!("{USERS}?role=officer&count=true&limit=2"))
        .await
        .status(200);
    assert_eq!(page.json["total"], 3);
    assert!(page.header("link").contains("rel=\"next\""));
    let cursor = text(&page.json, "next_cursor");
    admin
        .get(&format!("{USERS}?cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");
    assert_eq!(admin.all(&format!("{USERS}?active=false")).await.len(), 0);
    assert_eq!(admin.all(&format!("{USERS}?district={PARINGIN}")).await.len(), 3);
}

#[apply(both_databases)]
async fn ones_own_password(backend: Backend) {
    const PATH: &str = "/v1/me/password";
    let world = World::on(backend).await;
    let own = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200).json;
    let other = sign_in(&world, "admin", ADMIN_PASSWORD).await.status(200).json;
    let me = world.bearer(text(&own, "access_token"));
    let change = |now: &str, new: &str| json!({"current_password": now, "new_password": new});
    let wrong = me.post(PATH, change("bukan ini", "kata sandi baru")).await;
    assert_eq!(wrong.problem(422, "wrong_password").pointers(), ["#/current_password"]);
    me.post(PATH, change(ADMIN_PASSWORD, "pendek"))
        .await
        .problem(400, "invalid_body");
    me.post(PATH, change(ADMIN_PASSWORD, "kata sandi baru"))
        .await
        .status(204);
    // The others end, this one goes on.
    let elsewhere = world.bearer(text(&other, "access_token"));
    elsewhere.get("/v1/me").await.problem(401, "invalid_token");
    refresh(&world, text(&other, "refresh_token"))
        .await
        .problem(400, "invalid_grant");
    let said = me.get("/v1/me").await.status(200);
    assert_eq!(said.json["username"], "admin");
    assert_eq!(said.json["kind"], "user");
    me.with("if-none-match", &said.etag()).get("/v1/me").await.status(304);
    refresh(&world, text(&own, "refresh_token")).await.status(200);
    sign_in(&world, "admin", ADMIN_PASSWORD)
        .await
        .problem(400, "invalid_grant");
    sign_in(&world, "admin", "kata sandi baru").await.status(200);
}

#[actix_web::test]
async fn the_command_line_keeps_the_same_rules() {
    use iku::access::users::by_hand;
    let world = World::on(Backend::Sqlite).await;
    let (db, contract) = (&world.service.db, iku::app::contract().unwrap());
    let new = |user: Value| serde_json::from_value(user).unwrap();
    let made = by_hand::add(db, &contract, new(kasi())).await.unwrap();
    assert_eq!(made.username, "kasi.pemerintahan");
    let short = by_hand::add(db, &contract, new(with("password", json!("x"))))
        .await
        .unwrap_err();
    assert_eq!(short.code.as_str(), "invalid_body");
    let twice = by_hand::add(db, &contract, new(kasi())).await.unwrap_err();
    assert_eq!(twice.code.as_str(), "duplicate_username");
    let session = sign_in(&world, "kasi.pemerintahan", PASSWORD).await.status(200).json;
    by_hand::set_password(db, "kasi.pemerintahan", "dari baris perintah")
        .await
        .unwrap();
    refresh(&world, text(&session, "refresh_token"))
        .await
        .problem(400, "invalid_grant");
    sign_in(&world, "kasi.pemerintahan", "dari baris perintah")
        .await
        .status(200);
    by_hand::set_password(db, "tidak.ada", "dari baris perintah")
        .await
        .unwrap_err();
    let names: Vec<String> = by_hand::list(db)
        .await
        .unwrap()
        .into_iter()
        .map(|u| u.username)
        .collect();
    assert_eq!(names, ["admin", "kasi.pemerintahan"]);
}
