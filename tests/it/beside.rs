//! What stands beside a value: kendala and tindak lanjut of a period, and the values of years before the service.

use calamine::Data;
use iku::access::Role;
use serde_json::{Value, json};

use crate::exports::rows;
use crate::exports::workbook::{opened, table};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{Client, PARINGIN, World};

const NOW: &str = "2025-07-20T09:00:00+08:00";
const IKU4: &str = "/v1/indicators/paringin-iku-4";

fn note() -> Value {
    json!({"obstacles": "Tiga desa terlambat menyusun laporan", "follow_up": "Pendampingan setiap bulan"})
}

async fn shown(client: &Client, path: &str) -> Value {
    client.get(path).await.status(200).json["note"].clone()
}

#[apply(both_databases)]
async fn a_note_stands_beside_every_name_of_its_period(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let path = format!("{IKU4}/notes/2025-Q2");
    kasi.get(&path).await.problem(404, "not_found");
    assert_eq!(shown(&kasi, &format!("{IKU4}/realisations/2025-Q2")).await, Value::Null);
    let made = kasi.put(&path, note()).await.status(201);
    assert_eq!(made.header("location"), format!("{IKU4}/notes/2025-S1"));
    assert_eq!(made.json["recorded_by"], "test.officer");
    // Sent again, it is the same note.
    let again = kasi.put(&path, note()).await.status(200);
    assert_eq!((&again.json, again.etag()), (&made.json, made.etag()));
    for period in ["2025-Q2", "2025-S1", "2025-06"] {
        let value = shown(&kasi, &format!("{IKU4}/realisations/{period}")).await;
        assert_eq!(value["obstacles"], note()["obstacles"], "{period}");
        assert_eq!(value["follow_up"], note()["follow_up"], "{period}");
    }
    for other in ["2025-Q1", "2025", "2025-05"] {
        let value = shown(&kasi, &format!("{IKU4}/realisations/{other}")).await;
        assert_eq!(value, Value::Null, "{other}");
    }
    // In every list.
    for list in [
        "/v1/realisations?period=2025-Q2".to_owned(),
        format!("/v1/realisations?period=2025-Q2&district_code={PARINGIN}"),
        format!("/v1/realisations?from=2025-Q2&to=2025-Q2&district_code={PARINGIN}"),
        format!("{IKU4}/realisations?from=2025-Q2&to=2025-Q2"),
    ] {
        let items = kasi.all(&list).await;
        let with_note: Vec<_> = items.iter().filter(|item| item.get("note").is_some()).collect();
        assert_eq!(with_note.len(), 1, "{list}");
        assert_eq!(with_note[0]["indicator"]["code"], "paringin-iku-4", "{list}");
    }
    // As it was known before, there is none.
    let before = format!("{IKU4}/realisations/2025-Q2?as_of=2025-07-20T08:00:00%2B08:00");
    assert_eq!(shown(&kasi, &before).await, Value::Null);
    kasi.delete(&path, &made.etag()).await.status(204);
    assert_eq!(shown(&kasi, &format!("{IKU4}/realisations/2025-Q2")).await, Value::Null);
    let versions = kasi.all(&format!("{path}/versions")).await;
    assert_eq!(versions.len(), 2, "{versions:?}");
}

#[apply(both_databases)]
async fn a_closed_value_shows_the_note_of_now(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let report =
        json!({"village_code": "63.11.06.2005", "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    admin.post("/v1/reports", report).await.status(201);
    let path = format!("{IKU4}/notes/2025-Q2");
    let made = admin.put(&path, note()).await.status(201);
    let closing = json!({"district_code": PARINGIN, "period": "2025-Q2"});
    admin.post("/v1/closings", closing).await.status(201);
    let closed = admin
        .get(&format!("{IKU4}/realisations/2025-Q2"))
        .await
        .status(200)
        .json;
    assert_eq!(closed["closing"]["version"], 1);
    assert_eq!(closed["note"]["obstacles"], note()["obstacles"]);
    let other = json!({"follow_up": "Rapat dengan desa"});
    admin.with("if-match", &made.etag()).put(&path, other).await.status(200);
    let closed = admin
        .get(&format!("{IKU4}/realisations/2025-Q2"))
        .await
        .status(200)
        .json;
    assert_eq!(closed["closing"]["version"], 1);
    assert_eq!(
        (&closed["note"]["obstacles"], &closed["note"]["follow_up"]),
        (&Value::Null, &json!("Rapat dengan desa"))
    );
}

#[apply(both_databases)]
async fn who_may_write_notes(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let of = |period: &str| format!("{IKU4}/notes/{period}");
    let head = world.holder(Role::Head, Some(PARINGIN), &[]);
    head.put(&of("2025-Q1"), note()).await.status(201);
    let secretary = world.holder(Role::Secretary, Some(PARINGIN), &[]);
    secretary.put(&of("2025-Q2"), note()).await.status(201);
    world
        .officer(&["pemerintahan"])
        .put(&of("2025"), note())
        .await
        .status(201);
    let other = world.officer(&["pmd", "trantibum"]);
    let elsewhere = world.holder(Role::Secretary, Some("63.11.01"), &[]);
    let auditor = world.holder(Role::Auditor, None, &[]);
    let integrator = world.holder(Role::Integrator, None, &[]);
    let path = &of("2025-Q1");
    assert_refused(&[
        (&other, "PUT", path, note(), 403, "wrong_section"),
        (&other, "DELETE", path, NONE, 403, "wrong_section"),
        (&elsewhere, "PUT", path, note(), 404, "not_found"),
        (&elsewhere, "GET", path, NONE, 404, "not_found"),
        (&auditor, "PUT", path, note(), 403, "insufficient_scope"),
        (&integrator, "PUT", path, note(), 403, "insufficient_scope"),
    ])
    .await;
    for reader in [&other, &auditor, &integrator] {
        reader.get(path).await.status(200);
        assert_eq!(reader.all(&format!("{IKU4}/notes?year=2025")).await.len(), 3);
        assert_eq!(reader.all(&format!("{IKU4}/notes?year=2024")).await.len(), 0);
    }
    // Each other indicator has a section of its own.
    let iku3 = "/v1/indicators/paringin-iku-3/notes/2025-Q1";
    other.put(iku3, note()).await.status(201);
}

#[apply(both_databases)]
async fn bad_notes_are_refused(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    let of = |period: &str| format!("{IKU4}/notes/{period}");
    for (body, status, code, pointer) in [
        (json!({}), 422, "rule_broken", "#/obstacles"),
        (json!({"obstacles": ""}), 400, "invalid_body", "#/obstacles"),
        (
            json!({"follow_up": "x".repeat(2001)}),
            400,
            "invalid_body",
            "#/follow_up",
        ),
        (json!({"obstacles": 1}), 400, "invalid_body", "#/obstacles"),
    ] {
        assert_bodies_refused(&kasi, "PUT", &of("2025-Q1"), [(body, status, code, pointer)]).await;
    }
    for (period, status, code) in [
        ("2025-05", 422, "rule_broken"),
        ("2026", 422, "rule_broken"),
        ("2025-Q3", 201, ""),
        ("2022", 404, "indicator_not_in_force"),
        ("2025-Q5", 400, "invalid_path"),
    ] {
        let reply = kasi.put(&of(period), note()).await;
        assert_eq!(reply.status, status, "{period}");
        if status != 201 {
            reply.problem(status, code);
        }
    }
    // In a year that is over, the first note is late, and a change needs a reason.
    let path = of("2024-Q4");
    let made = kasi.put(&path, note()).await.status(201);
    let change = json!({"obstacles": "Lain"});
    kasi.put(&path, change.clone())
        .await
        .problem(428, "precondition_required");
    let holding = kasi.with("if-match", &made.etag());
    holding.put(&path, change).await.problem(422, "reason_required");
    let with_reason = json!({"obstacles": "Lain", "reason": "Dilengkapi"});
    holding.put(&path, with_reason).await.status(200);
    holding.put(&path, note()).await.problem(412, "precondition_failed");
    let versions = kasi.all(&format!("{path}/versions")).await;
    assert_eq!(versions[1]["reason"], "Dilengkapi");
}

#[apply(both_databases)]
async fn past_values_stand_beside_and_are_never_a_value(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let secretary = world.holder(Role::Secretary, Some(PARINGIN), &[]);
    let of = |year: &str| format!("{IKU4}/past-values/{year}");
    let past = json!({"value": 85.71, "source": "LKjIP 2022"});
    secretary.get(&of("2022")).await.problem(404, "not_found");
    let made = secretary.put(&of("2022"), past.clone()).await.status(201);
    assert_eq!((&made.json["value"], &made.json["year"]), (&json!(85.71), &json!(2022)));
    secretary.put(&of("2022"), past.clone()).await.status(200);
    secretary.put(&of("2024"), past.clone()).await.status(201);
    let years: Vec<Value> = secretary
        .all(&format!("{IKU4}/past-values"))
        .await
        .into_iter()
        .map(|item| item["year"].clone())
        .collect();
    assert_eq!(years, [2022, 2024]);
    assert_eq!(secretary.all(&format!("{IKU4}/past-values?year=2024")).await.len(), 1);
    // No realisation has it.
    let value = secretary
        .get(&format!("{IKU4}/realisations/2024"))
        .await
        .status(200)
        .json;
    assert_eq!(
        (&value["value"], &value["reason"]),
        (&Value::Null, &json!("not_recorded"))
    );
    secretary
        .get(&format!("{IKU4}/realisations/2022"))
        .await
        .problem(404, "indicator_not_in_force");
    // The table of earlier years has it with its source.
    let mut book = opened(&secretary, "/v1/exports/lkjip.xlsx?year=2025").await;
    let earlier = table(&mut book, "2 Tahun sebelumnya");
    assert_eq!(earlier[3]["nilai_lampau_2022"], Data::Float(85.71));
    assert_eq!(earlier[3]["sumber_2022"], Data::String("LKjIP 2022".to_owned()));
    assert_eq!(earlier[0]["nilai_lampau_2022"], Data::Empty);
    // Corrections need a tag and a reason.
    let holding = secretary.with("if-match", &made.etag());
    let other = json!({"value": 80, "source": "LKjIP 2022"});
    holding
        .put(&of("2022"), other.clone())
        .await
        .problem(422, "reason_required");
    let other = json!({"value": 80, "source": "LKjIP 2022", "reason": "Salah ketik"});
    holding.put(&of("2022"), other).await.status(200);
    let officer = world.officer(&["pemerintahan"]);
    assert_refused(&[
        (&secretary, "PUT", &of("2025"), past.clone(), 422, "rule_broken"),
        (&secretary, "PUT", &of("2100"), past.clone(), 422, "rule_broken"),
        (&secretary, "PUT", &of("1999"), past.clone(), 400, "invalid_path"),
        (&secretary, "PUT", &of("abc"), past.clone(), 400, "invalid_path"),
        (&officer, "PUT", &of("2022"), past.clone(), 403, "insufficient_scope"),
    ])
    .await;
    let rows = [
        (json!({"value": 1.005, "source": "x"}), 400, "invalid_body", "#/value"),
        (json!({"value": 1}), 400, "invalid_body", "#/source"),
        (json!({"value": 1, "source": ""}), 400, "invalid_body", "#/source"),
    ];
    assert_bodies_refused(&secretary, "PUT", &of("2021"), rows).await;
    secretary.delete(&of("2022"), "*").await.status(204);
    assert_eq!(secretary.all(&of("2022/versions")).await.len(), 3);
}

#[apply(both_databases)]
async fn exports_have_the_notes(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    admin.put(&format!("{IKU4}/notes/2025-Q1"), note()).await.status(201);
    let of_half = json!({"obstacles": "=HYPERLINK(\"x\")"});
    admin.put(&format!("{IKU4}/notes/2025-Q2"), of_half).await.status(201);
    // The latest note of the year; a text that looks like a formula stays a text.
    let row = rows(&admin, "/v1/exports/realisations.csv?year=2025").await.remove(3);
    assert_eq!([&row["kendala"], &row["tindak_lanjut"]], ["'=HYPERLINK(\"x\")", ""]);
    let mut book = opened(&admin, "/v1/exports/realisations.xlsx?year=2025").await;
    let actions = table(&mut book, "Rencana aksi");
    assert_eq!(
        actions[12]["kendala"],
        Data::String(note()["obstacles"].as_str().unwrap().to_owned())
    );
    assert_eq!(actions[14]["kendala"], Data::Empty);
    let mut book = opened(&admin, "/v1/exports/lkjip.xlsx?year=2025").await;
    let causes = table(&mut book, "5 Kendala dan tindak lanjut");
    assert_eq!(causes[3]["kendala"], Data::String("=HYPERLINK(\"x\")".to_owned()));
    assert_eq!(causes[0]["kendala"], Data::Empty);
}
