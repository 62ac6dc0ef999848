//! Code lists, which every role may read and an administrator of the regency changes.

use iku::access::{Role, Section};
use serde_json::{Value, json};

use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World};

pub fn codes(items: &[Value]) -> Vec<&str> {
    items.iter().map(|v| v["code"].as_str().unwrap()).collect()
}

#[apply(both_databases)]
async fn lists_institution_kinds_case_categories_and_sections(backend: Backend) {
    let world = World::on(backend).await;
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);

    let kinds = phone.all("/v1/institution-kinds").await;
    assert_eq!(codes(&kinds), ["rt", "rw", "pkk", "karang-taruna", "posyandu", "lpm"]);
    assert_eq!(
        kinds[3],
        json!({
            "code": "karang-taruna", "name": "Karang Taruna", "valid_to_year": null, "shipped": true,
            "recorded_at": "1970-01-01T00:00:00Z", "recorded_by": "iku",
        })
    );
    assert_eq!(phone.all("/v1/services?limit=7").await.len(), 16);
    let educations = phone.all("/v1/profile-values?list=education").await;
    assert_eq!(
        codes(&educations),
        [
            "tidak_sekolah",
            "sd",
            "smp",
            "sma",
            "d1_d2",
            "d3",
            "d4",
            "s1",
            "s2",
            "s3"
        ]
    );
    assert_eq!(phone.all("/v1/profile-values?limit=5").await.len(), 22);

    let categories = phone.all("/v1/case-categories?limit=5").await;
    assert_eq!(
        codes(&categories),
        [
            "tata-ruang",
            "jalan",
            "angkutan",
            "jalur-hijau",
            "sungai",
            "lingkungan",
            "tempat-usaha",
            "bangunan",
            "sosial",
            "kesehatan",
            "hiburan",
            "peran-serta",
            "lainnya"
        ]
    );

    let sections = phone.all("/v1/sections?limit=2").await;
    let known: Vec<_> = Section::ALL.iter().map(|s| s.as_str()).collect();
    assert_eq!(codes(&sections), known);
    assert_eq!(sections[2]["name"], "Seksi Ketentraman dan Ketertiban Umum");
}

#[actix_web::test]
async fn lists_have_a_total_and_cursors_of_their_own() {
    let world = World::on(Backend::Sqlite).await;
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    let counted = phone.get("/v1/case-categories?limit=1&count=true").await.status(200);
    assert_eq!(counted.json["total"], 13);
    let cursor = counted.json["next_cursor"].as_str().unwrap();
    phone
        .get(&format!("/v1/institution-kinds?limit=1&cursor={cursor}"))
        .await
        .problem(400, "invalid_cursor");
}

#[apply(both_databases)]
async fn every_role_but_reporters_may_read_code_lists_and_no_token_is_401(backend: Backend) {
    let world = World::on(backend).await;
    let phone = world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    for path in [
        "/v1/institution-kinds",
        "/v1/case-categories",
        "/v1/services",
        "/v1/profile-values",
        "/v1/institution-kinds/rt",
        "/v1/case-categories/jalan",
        "/v1/services/ktp",
        "/v1/profile-values/gender/perempuan",
        "/v1/profile-values/gender/perempuan/versions",
        "/v1/sections",
        "/v1/questionnaires/skm-9",
    ] {
        world.anonymous().get(path).await.problem(401, "unauthenticated");
        phone.get(&format!("{path}?x=1")).await.problem(400, "invalid_query");
        for role in Role::ALL {
            let reply = world.holder(role, Some(PARINGIN), &[]).get(path).await;
            match role {
                Role::Reporter => drop(reply.problem(403, "insufficient_scope")),
                _ => drop(reply.status(200)),
            }
        }
    }
}

#[apply(both_databases)]
async fn an_administrator_of_the_regency_adds_renames_and_ends_a_code(backend: Backend) {
    let world = World::on(backend).at("2026-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    for (list, code, shipped) in [
        ("institution-kinds", "linmas", "rt"),
        ("case-categories", "satwa", "jalan"),
        ("services", "izin-reklame", "ktp"),
        ("profile-values/occupation", "pensiunan", "petani_nelayan"),
    ] {
        let (collection, in_list) = list.split_once('/').unwrap_or((list, ""));
        let lists = format!("/v1/{collection}");
        let path = format!("/v1/{list}/{code}");
        let mut new = json!({"code": code, "name": "Nama"});
        if !in_list.is_empty() {
            new["list"] = json!(in_list);
        }
        let made = admin.post(&lists, new.clone()).await.status(201);
        assert_eq!(made.header("location"), path);
        assert_eq!(
            (&made.json["shipped"], &made.json["valid_to_year"]),
            (&json!(false), &Value::Null)
        );
        assert_eq!(admin.post(&lists, new.clone()).await.status(200).json, made.json);
        new["name"] = json!("Lain");
        admin.post(&lists, new).await.problem(409, "duplicate_code");
        assert_eq!(
            codes(&admin.all(&format!("/v1/{collection}?limit=100")).await)
                .iter()
                .filter(|c| **c == code)
                .count(),
            1
        );

        let change = json!({"name": "Nama baru", "valid_to_year": 2026, "reason": "Perbup"});
        let changed = admin.patch(&path, &made.etag(), change).await.status(200);
        assert_eq!(
            (&changed.json["name"], &changed.json["valid_to_year"]),
            (&json!("Nama baru"), &json!(2026))
        );
        admin
            .patch(&path, &made.etag(), json!({"name": "x"}))
            .await
            .problem(412, "precondition_failed");
        assert_eq!(admin.get(&path).await.status(200).json, changed.json);
        let versions = admin.all(&format!("{path}/versions?limit=1")).await;
        assert_eq!((versions.len(), &versions[1]["reason"]), (2, &json!("Perbup")));
        assert_eq!(versions[0]["content"], made.json);
        let again = json!({"valid_to_year": null, "reason": "Masih dipakai"});
        assert_eq!(
            admin.patch(&path, "*", again).await.status(200).json["valid_to_year"],
            Value::Null
        );

        // A shipped code is renamed and never ends.
        let shipped = path.replace(code, shipped);
        let end = json!({"valid_to_year": 2026, "reason": "x"});
        admin.patch(&shipped, "*", end).await.problem(409, "shipped_code");
        admin
            .patch(&shipped, "*", json!({"name": "Sebutan baru"}))
            .await
            .status(200);
        assert_eq!(admin.send("DELETE", &shipped, "", Vec::new()).await.status, 405);
        admin
            .get(&path.replace(code, "tidakada"))
            .await
            .problem(404, "not_found");
    }
    // The order of a list: shipped first, then as they were added.
    assert_eq!(codes(&admin.all("/v1/institution-kinds").await).last(), Some(&"linmas"));
    let long = json!({"code": "x".repeat(41), "name": "x"});
    admin.post("/v1/services", long).await.problem(422, "rule_broken");
}

#[apply(both_databases)]
async fn only_an_administrator_of_the_regency_changes_code_lists(backend: Backend) {
    let world = World::on(backend).await;
    let new = || json!({"code": "linmas", "name": "Linmas"});
    for role in Role::ALL {
        let holder = world.holder(role, Some(PARINGIN), &["pmd"]);
        let refused = holder.post("/v1/institution-kinds", new()).await;
        refused.problem(403, "insufficient_scope");
        let refused = holder.patch("/v1/services/ktp", "*", json!({"name": "x"})).await;
        refused.problem(403, "insufficient_scope");
    }
    world.admin().post("/v1/institution-kinds", new()).await.status(201);
}

#[apply(both_databases)]
async fn an_ended_code_is_refused_for_later_facts(backend: Backend) {
    let world = World::on(backend).at("2026-06-30T09:00:00+08:00").await;
    let admin = world.admin();
    for list in ["institution-kinds", "case-categories"] {
        let new = json!({"code": "lama", "name": "Lama", "valid_to_year": 2025});
        admin.post(&format!("/v1/{list}"), new).await.status(201);
    }
    let institution = |name: &str, starts_on: &str| {
        json!({"village_code": "63.11.06.2005", "kind": "lama", "name": name, "decrees": [
            {"number": "1", "issued_on": "2025-01-02", "starts_on": starts_on}]})
    };
    let kept = admin
        .post("/v1/institutions", institution("A", "2025-12-31"))
        .await
        .status(201);
    let refused = admin.post("/v1/institutions", institution("B", "2026-01-01")).await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/kind"]);
    let mut without = institution("C", "2025-01-01");
    without["decrees"] = json!([]);
    admin
        .post("/v1/institutions", without)
        .await
        .problem(422, "rule_broken");
    let path = kept.header("location");
    admin.patch(path, "*", json!({"name": "A1"})).await.status(200);
    let renewal = json!({"number": "2", "issued_on": "2025-01-02", "starts_on": "2026-01-01"});
    let refused = admin.post(&format!("{path}/decrees"), renewal).await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/starts_on"]);

    let case =
        |at: &str| json!({"village_code": "63.11.06.2005", "category": "lama", "occurred_at": at, "summary": "x"});
    admin
        .post("/v1/cases", case("2025-12-31T23:59:59+08:00"))
        .await
        .status(201);
    let refused = admin.post("/v1/cases", case("2026-01-01T00:00:00+08:00")).await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/category"]);
}

#[apply(both_databases)]
async fn a_list_of_the_questionnaire_has_at_most_a_hundred_values(backend: Backend) {
    let world = World::on(backend).await;
    let admin = world.admin();
    let value = |n: usize| json!({"list": "gender", "code": format!("nilai_{n}"), "name": "Uji"});
    for n in 3..=100 {
        admin.post("/v1/profile-values", value(n)).await.status(201);
    }
    let refused = admin.post("/v1/profile-values", value(101)).await;
    assert_eq!(refused.problem(422, "rule_broken").pointers(), ["#/list"]);
    // A retry of the last one is no new value.
    admin.post("/v1/profile-values", value(100)).await.status(200);
    let form = admin.get("/v1/questionnaires/skm-9").await.status(200).json;
    assert_eq!(form["profile"]["gender"].as_array().unwrap().len(), 100);
    let other = json!({"list": "occupation", "code": "pensiunan", "name": "Pensiunan"});
    admin.post("/v1/profile-values", other).await.status(201);
}
