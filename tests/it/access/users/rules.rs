//! Which users can be created and changed, and by whom.

use iku::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{PASSWORD, USERS, created, kasi, with};
use crate::access::{admin, text};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

#[apply(both_databases)]
async fn repeated_creation_returns_the_same_user(backend: Backend) {
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
async fn two_creations_at_once_make_one_user(backend: Backend) {
    let world = World::on(backend).await;
    let admin = admin(&world).await;
    let user = with("id", json!(Uuid::new_v4()));
    let (one, other) = futures_util::future::join(admin.post(USERS, user.clone()), admin.post(USERS, user)).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201]);
}

#[actix_web::test]
async fn rejects_users_that_break_a_rule() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let mut without_password = kasi();
    without_password.as_object_mut().unwrap().remove("password");
    let long = "a".repeat(65);
    let mut cases = vec![
        (with("password", json!("pendek")), 400, "invalid_body", "#/password"),
        (without_password, 400, "invalid_body", "#/password"),
        (with("role", json!("camat")), 400, "invalid_body", "#/role"),
        (
            with("sections", json!(["keuangan"])),
            400,
            "invalid_body",
            "#/sections/0",
        ),
        (with("sections", json!([])), 422, "rule_broken", "#/sections"),
        (with("role", json!("head")), 422, "rule_broken", "#/sections"),
        (
            with("district_code", json!(null)),
            422,
            "rule_broken",
            "#/district_code",
        ),
        (
            with("district_code", json!("63.11.99")),
            422,
            "unknown_reference",
            "#/district_code",
        ),
    ];
    for username in ["ab", "Kasi", "kasi pmd", "kasi@x", &long] {
        cases.push((with("username", json!(username)), 400, "invalid_body", "#/username"));
    }
    let mut failures = Vec::new();
    for (user, status, code, pointer) in cases {
        let reply = admin.post(USERS, user.clone()).await;
        let difference = reply.unless_problem(status, code);
        let is_only_that = reply.pointers().iter().all(|other| *other == pointer);
        if difference.is_some() || !is_only_that {
            failures.push(format!("{user}: {difference:?} {:#}", reply.json));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[actix_web::test]
async fn roles_of_the_whole_regency_need_no_district() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    for role in ["administrator", "integrator", "auditor"] {
        let user = json!({"username": format!("kab.{role}"), "name": role, "role": role, "password": PASSWORD});
        let created = admin.post(USERS, user).await.status(201);
        assert_eq!(created.json["district_code"], json!(null), "{role}");
    }
}

#[actix_web::test]
async fn rejects_changes_that_break_a_rule() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let (path, created) = created(&admin).await;
    let mut failures = Vec::new();
    for (patch, status, code) in [
        (json!({"sections": []}), 422, "rule_broken"),
        (json!({"role": "head"}), 422, "rule_broken"),
        (json!({"district_code": null}), 422, "rule_broken"),
        (json!({"name": null}), 400, "invalid_body"),
        (json!({"username": "lain"}), 400, "invalid_body"),
        (json!({"password": "pendek"}), 400, "invalid_body"),
    ] {
        let reply = admin.patch(&path, &created.etag(), patch.clone()).await;
        failures.extend(
            reply
                .unless_problem(status, code)
                .map(|reply| format!("{patch}: {reply}")),
        );
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[actix_web::test]
async fn rejects_a_deletion_without_reason() {
    let world = World::on(Backend::Sqlite).await;
    let admin = world.admin();
    let (path, created) = created(&admin).await;
    let admin = admin.with("if-match", &created.etag());
    let reply = admin.send("DELETE", &path, "", Vec::new()).await;
    reply.problem(400, "invalid_query");
}

#[apply(both_databases)]
async fn last_administrator_cannot_be_removed(backend: Backend) {
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
async fn administrator_of_a_district_manages_its_users_only() {
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
        .get(&format!("{USERS}?district_code=63.11.01"))
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
async fn lists_users_in_pages_and_by_filter(backend: Backend) {
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
    let in_section = async |section: &str| admin.all(&format!("{USERS}?section={section}")).await.len();
    assert_eq!([in_section("pemerintahan").await, in_section("pmd").await], [3, 0]);
    admin
        .get(&format!("{USERS}?section=keuangan"))
        .await
        .problem(400, "invalid_query");
    assert_eq!(admin.all(&format!("{USERS}?district_code={PARINGIN}")).await.len(), 3);
}
