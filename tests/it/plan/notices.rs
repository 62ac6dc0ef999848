//! Three months before the last decree of a district ends, `/v1/me` says so.

use iku::access::Role;
use serde_json::{Value, json};

use super::{DECREES, next_decree, shipped, with};
use crate::access::{admin, sign_in};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, World, instant};

async fn notices(client: &Client) -> Value {
    client.get("/v1/me").await.status(200).json["notices"].clone()
}

fn ends(last_year: i32) -> Value {
    json!([{"code": "decree_ends", "district_code": "63.11.06", "last_year": last_year}])
}

#[apply(both_databases)]
async fn the_end_of_the_last_decree_is_announced_three_months_ahead(backend: Backend) {
    let world = World::on(backend).at("2026-09-30T15:59:59Z").await;
    world.load_regency().await;
    let camat = admin(&world).await;
    assert_eq!(notices(&camat).await, json!([]));
    let before = camat.get("/v1/me").await.status(200);
    // 1 October begins in WITA.
    world.clock.set(instant("2026-09-30T16:00:00Z"));
    let camat = admin(&world).await;
    assert_eq!(notices(&camat).await, ends(2026));
    let now = camat.with("if-none-match", &before.etag()).get("/v1/me").await;
    assert_ne!(now.status(200).etag(), before.etag());
    let known = camat.get("/v1/me").await.status(200).etag();
    camat.with("if-none-match", &known).get("/v1/me").await.status(304);

    // A decree without indicators puts nothing in force.
    let empty = with(next_decree(), json!({"id": null, "copy_of": null, "number": "1"}));
    world.admin().post(DECREES, empty).await.status(201);
    assert_eq!(notices(&camat).await, ends(2026));
    world.admin().post(DECREES, next_decree()).await.status(201);
    assert_eq!(notices(&camat).await, json!([]));
    world.clock.set(instant("2030-12-01T00:00:00Z"));
    assert_eq!(notices(&admin(&world).await).await, ends(2030));
}

#[actix_web::test]
async fn notices_are_for_those_who_read_the_decrees_of_the_district() {
    let world = World::on(Backend::Sqlite).at("2027-02-01T00:00:00Z").await;
    world.load_regency().await;
    let admin = admin(&world).await;
    let user = |name: &str, role: Role, district: Option<&str>, sections: Value| {
        json!({
            "username": name, "name": name, "role": role.as_str(), "district_code": district, "sections": sections,
            "password": "kuda-nil-di-rawa",
        })
    };
    for (name, role, district, sections, expected) in [
        ("camat", Role::Head, Some("63.11.06"), json!([]), ends(2026)),
        ("kasi", Role::Officer, Some("63.11.06"), json!(["pmd"]), ends(2026)),
        ("juai", Role::Head, Some("63.11.01"), json!([]), json!([])),
        ("inspektur", Role::Auditor, None, json!([]), ends(2026)),
        ("surveyor", Role::Surveyor, Some("63.11.06"), json!([]), json!([])),
    ] {
        admin
            .post("/v1/users", user(name, role, district, sections))
            .await
            .status(201);
        let session = sign_in(&world, name, "kuda-nil-di-rawa").await.status(200).json;
        let client = world.bearer(session["access_token"].as_str().unwrap());
        assert_eq!(notices(&client).await, expected, "{name}");
    }
    let form = "grant_type=password&username=camat&password=kuda-nil-di-rawa&scope=me:read";
    let session = world
        .anonymous()
        .post_form("/v1/auth/token", form)
        .await
        .status(200)
        .json;
    let narrow = world.bearer(session["access_token"].as_str().unwrap());
    assert_eq!(notices(&narrow).await, json!([]), "a token without decrees:read");
    // Ended by hand.
    let ended = json!({"last_year": 2025, "reason": "Dicabut"});
    admin.patch(&shipped(), "*", ended).await.status(200);
    assert_eq!(notices(&admin).await, ends(2025));
}

/// Case A9: the Sekretaris enters the next decree and its targets.
#[actix_web::test]
async fn the_secretary_enters_decrees_and_targets() {
    let world = World::on(Backend::Sqlite).at("2026-11-27T09:00:00+08:00").await;
    let secretary = world.holder(Role::Secretary, Some("63.11.06"), &[]);
    secretary.post(DECREES, next_decree()).await.status(201);
    let target = "/v1/indicators/paringin-iku-4/targets/2027";
    secretary
        .put(target, json!({"value": 90, "reason": "PK 2027"}))
        .await
        .status(201);
    let revised = json!({"value": 95, "reason": "PK Perubahan 2027"});
    secretary.with("if-match", "*").put(target, revised).await.status(200);
    secretary.get("/v1/reports").await.status(200);
}
