//! What is refused, and by whom periods are closed.

use actix_web::web::Data;
use iku::access::Role;
use iku::closings::FourEyes;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{CLOSINGS, NOW, claims, close, deliver, files, head};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{PARINGIN, World, instant};

#[apply(both_databases)]
async fn bad_input_is_refused_and_a_retry_is_not(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let camat = head(&world);
    let with = |name: &str, value: serde_json::Value| {
        let mut body =
            json!({"id": "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e5f", "district_code": PARINGIN, "period": "2025-S1"});
        body[name] = value;
        body
    };
    let refused = [
        ("period", json!("2025-06"), 422, "rule_broken", "#/period"),
        ("period", json!("2020"), 422, "rule_broken", "#/period"),
        ("period", json!("2025-S3"), 400, "invalid_body", "#/period"),
        ("period", json!(2025), 400, "invalid_body", "#/period"),
        ("period", json!(null), 400, "invalid_body", "#/period"),
        (
            "district_code",
            json!("63.11.99"),
            422,
            "unknown_reference",
            "#/district_code",
        ),
        (
            "district_code",
            json!("63.11.01"),
            422,
            "unknown_reference",
            "#/district_code",
        ),
        ("reason", json!(""), 400, "invalid_body", "#/reason"),
        ("reason", json!("a".repeat(301)), 400, "invalid_body", "#/reason"),
        ("id", json!("satu"), 400, "invalid_body", "#/id"),
        ("version", json!(2), 400, "invalid_body", "#/version"),
    ];
    for (name, value, status, code, pointer) in refused {
        let reply = camat
            .post(CLOSINGS, with(name, value.clone()))
            .await
            .problem(status, code);
        assert_eq!(reply.pointers(), [pointer], "{name} {value}");
    }
    for period in ["2025-Q3", "2025", "2025-S2", "2026-Q1"] {
        close(&camat, period, None).await.problem(409, "period_not_over");
    }
    assert_eq!(camat.all(CLOSINGS).await.len(), 0);

    let made = camat.post(CLOSINGS, with("period", json!("2025-S1"))).await.status(201);
    for period in ["2025-S1", "2025-Q2"] {
        let again = camat.post(CLOSINGS, with("period", json!(period))).await.status(200);
        assert_eq!((again.etag(), &again.json), (made.etag(), &made.json));
    }
    for (name, value) in [("period", json!("2025-Q1")), ("reason", json!("Lain"))] {
        let reply = camat
            .post(CLOSINGS, with(name, value))
            .await
            .problem(409, "id_conflict");
        assert_eq!(reply.pointers(), ["#/id"]);
    }
    assert_eq!(camat.all(CLOSINGS).await.len(), 1);
    for part in ["", "/document", "/statement", "/revisions"] {
        let path = |id: &str| format!("{CLOSINGS}/{id}{part}");
        camat
            .get(&path("0199d4a3-5b0e-7c6a-9d3e-000000000000"))
            .await
            .problem(404, "not_found");
        camat.get(&path("satu")).await.problem(400, "invalid_path");
        // Another district does not learn that it exists.
        world.stranger().get(&path(&made.id())).await.problem(404, "not_found");
    }
    let elsewhere = world
        .stranger()
        .get(&format!("{CLOSINGS}?district_code={PARINGIN}"))
        .await;
    elsewhere.problem(404, "not_found");
    assert_eq!(world.stranger().all(CLOSINGS).await.len(), 0);
}

#[apply(both_databases)]
async fn head_and_administrator_close_and_everybody_who_reads_values_reads_closings(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let mut closing = None;
    for role in Role::ALL {
        let holder = world.holder(role, Some(PARINGIN), &["pemerintahan"]);
        let reply = close(&holder, "2025-S1", Some("Uji")).await;
        match role {
            Role::Head | Role::Administrator => closing = Some(reply.status(201).json),
            _ => drop(reply.problem(403, "insufficient_scope")),
        }
    }
    let closing = closing.unwrap();
    let mut bodies = Vec::new();
    for role in Role::ALL {
        let holder = world.holder(role, Some(PARINGIN), &[]);
        if !role.scopes().contains(&"realisations:read") {
            holder
                .get(closing["document"]["href"].as_str().unwrap())
                .await
                .problem(403, "insufficient_scope");
            continue;
        }
        bodies.push(files(&holder, &closing).await);
        holder.get(CLOSINGS).await.status(200);
    }
    assert_eq!(bodies.len(), 6);
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    world.anonymous().get("/v1/closings/keys").await.status(200);
}

/// A survey that accepts answers can still change the value. A period without a value can be closed: that is a finding.
#[apply(both_databases)]
async fn an_open_survey_is_named(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let (camat, admin) = (head(&world), world.admin());
    let survey = |section: &str, ends_on: &str| json!({"district_code": PARINGIN, "title": "SKM Triwulan II", "section": section, "starts_on": "2025-04-01", "ends_on": ends_on});
    // Neither a draft, nor the survey of another section, nor a later survey counts in the period.
    admin
        .post("/v1/surveys", survey("pelayanan-kessos", "2025-06-01"))
        .await
        .status(201);
    for (section, ends_on) in [
        ("trantibum", "2025-06-30"),
        ("pelayanan-kessos", "2025-09-30"),
        ("pelayanan-kessos", "2025-06-30"),
    ] {
        let made = admin.post("/v1/surveys", survey(section, ends_on)).await;
        let path = made.status(201).header("location").to_owned();
        admin.patch(&path, "*", json!({"status": "open"})).await.status(200);
        if (section, ends_on) == ("pelayanan-kessos", "2025-06-30") {
            let refused = close(&camat, "2025-S1", None).await.problem(409, "survey_still_open");
            let detail = refused.json["detail"].as_str().unwrap();
            assert!(
                detail.contains(path.rsplit('/').next().unwrap()) && detail.contains("SKM Triwulan II"),
                "{detail}"
            );
            let closed = json!({"status": "closed"});
            admin.patch(&path, "*", closed).await.status(200);
        }
    }
    let closing = close(&camat, "2025-S1", None).await.status(201).json;
    let (_, statement) = files(&camat, &closing).await;
    let value = &claims(&statement)["values"][0];
    assert_eq!(
        (&value["value"], &value["status"]),
        (&json!(null), &json!("not_computable"))
    );
}

#[apply(both_databases)]
async fn who_recorded_and_closes_is_noted_or_refused(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let (camat, admin) = (head(&world), world.admin());
    let report = deliver(&admin, "2005", "lppd").await;
    let strict = world
        .adjusted(|service| service.four_eyes = Data::new(FourEyes::Required))
        .await;
    let refused = close(&strict.admin(), "2025-S1", None).await;
    refused.problem(409, "four_eyes");
    let noted = close(&admin, "2025-S1", None).await.status(201).json;
    let (_, statement) = files(&camat, &noted).await;
    assert_eq!(
        (&noted["same_hand"], &claims(&statement)["same_hand"]),
        (&json!(true), &json!(true))
    );
    // Since that closing the account has recorded nothing.
    let again = close(&strict.admin(), "2025-S1", Some("Uji")).await.status(201).json;
    assert_eq!(again["same_hand"], false);
    // A target is no fact: the Camat sets it and closes.
    let target = json!({"value": 90, "basis": "Perjanjian Kinerja 2025", "reason": "Murni"});
    camat
        .put("/v1/indicators/paringin-iku-4/targets/2025", target)
        .await
        .status(201);
    let by_head = close(&head(&strict), "2025-S1", Some("Uji")).await.status(201).json;
    assert_eq!(by_head["same_hand"], false);

    // Each kind of fact counts.
    let survey = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos", "starts_on": "2025-07-01", "ends_on": "2025-07-31",
    });
    let rt = json!({"village_code": "63.11.06.2005", "kind": "rt", "name": "RT 01", "decrees": []});
    let case = json!({
        "village_code": "63.11.06.2005", "category": "sosial", "occurred_at": "2025-03-14T21:30:00+08:00", "summary": "Balap liar",
    });
    let mut survey_path = String::new();
    for (path, body) in [("/v1/institutions", rt), ("/v1/cases", case), ("/v1/surveys", survey)] {
        survey_path = admin.post(path, body).await.status(201).header("location").to_owned();
        close(&strict.admin(), "2025-Q1", Some("Uji"))
            .await
            .problem(409, "four_eyes");
        close(&camat, "2025-Q1", Some("Uji")).await.status(201);
    }
    admin.delete(&report, "*").await.status(204);
    close(&strict.admin(), "2025-Q1", Some("Uji"))
        .await
        .problem(409, "four_eyes");
    // Of an answer its void counts, and the restoration of it.
    admin
        .patch(&survey_path, "*", json!({"status": "open"}))
        .await
        .status(200);
    let mut answer = crate::responses::answer(3);
    answer["answered_at"] = json!("2025-07-14T10:15:00+08:00");
    let answer = admin
        .post(&format!("{survey_path}/responses"), answer)
        .await
        .status(201);
    close(&camat, "2025-Q1", Some("Uji")).await.status(201);
    close(&strict.admin(), "2025-Q1", Some("Uji")).await.status(201);
    let path = answer.header("location");
    admin.delete(path, "*").await.status(204);
    close(&strict.admin(), "2025-Q1", Some("Uji"))
        .await
        .problem(409, "four_eyes");
    close(&camat, "2025-Q1", Some("Uji")).await.status(201);
    world.clock.set(instant("2025-07-15T10:00:00+08:00"));
    admin
        .post(&format!("{path}/restorations"), json!({"reason": "Keliru"}))
        .await
        .status(200);
    close(&strict.admin(), "2025-Q1", Some("Uji"))
        .await
        .problem(409, "four_eyes");
}

#[apply(both_databases)]
async fn the_database_refuses_to_change_or_delete_a_closing(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    close(&head(&world), "2025-S1", None).await.status(201);
    let db = &world.service.db;
    for sql in [
        "UPDATE closing SET reason = 'x'",
        "DELETE FROM closing",
        "UPDATE closing_document SET realisations = '{}'",
        "DELETE FROM closing_document",
    ] {
        let done = db.write(async |tx| Ok(tx.execute_unprepared(sql).await?)).await;
        let error = done.unwrap_err().to_string();
        assert!(
            error.contains("a closing is never changed or deleted"),
            "{sql}: {error}"
        );
    }
    assert_eq!(head(&world).all(CLOSINGS).await.len(), 1);
}
