//! Performance agreements (Perjanjian Kinerja): the documents that promise the targets of a year.

use calamine::Data;
use iku::access::Role;
use serde_json::{Value, json};

use crate::exports::rows;
use crate::exports::workbook::{opened, table};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_bodies_refused, assert_refused};
use crate::support::world::{Client, PARINGIN, World};

const NOW: &str = "2025-09-20T09:00:00+08:00";
const AGREEMENTS: &str = "/v1/agreements";
const TARGETS: &str = "/v1/indicators/paringin-iku-4/targets";
const VALUE: &str = "/v1/indicators/paringin-iku-4/realisations/2025";
const MURNI: &str = "0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4f01";
const PERUBAHAN: &str = "0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4f02";

fn murni() -> Value {
    json!({
        "id": MURNI, "district_code": PARINGIN, "fiscal_year": 2025, "number": "100.3/01/PK/CPAR/2025",
        "signed_on": "2025-01-15", "first_party": {"name": "H. Ahmad Rifani", "office": "Camat Paringin"},
        "second_party": {"name": "H. Abdul Hadi", "office": "Bupati Balangan"},
    })
}

fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}

fn perubahan() -> Value {
    let body = with(murni(), "id", json!(PERUBAHAN));
    let body = with(body, "number", json!("100.3/07/PK/CPAR/2025"));
    let body = with(body, "signed_on", json!("2025-08-20"));
    with(body, "revises", json!(MURNI))
}

fn path(id: &str) -> String {
    format!("{AGREEMENTS}/{id}")
}

async fn set(client: &Client, period: &str, value: f64, agreement: &str) {
    let body = json!({"value": value, "basis": "Perjanjian Kinerja", "agreement_id": agreement});
    let reply = client
        .with("if-match", "*")
        .put(&format!("{TARGETS}/{period}"), body)
        .await;
    assert_eq!((reply.status, &reply.json["agreement_id"]), (200, &json!(agreement)));
}

async fn secretary(world: &World) -> Client {
    world.holder(Role::Secretary, Some(PARINGIN), &[])
}

#[apply(both_databases)]
async fn an_agreement_is_recorded_corrected_deleted_and_restored(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let camat = world.holder(Role::Head, Some(PARINGIN), &[]);
    let made = camat.post(AGREEMENTS, murni()).await.status(201);
    assert_eq!(made.header("location"), path(MURNI));
    assert_eq!(
        [&made.json["kind"], &made.json["revises"], &made.json["recorded_by"]],
        [&json!("murni"), &Value::Null, &json!("test.head")]
    );
    // Sent again, it is the same agreement.
    let again = camat.post(AGREEMENTS, murni()).await.status(200);
    assert_eq!((&again.json, again.etag()), (&made.json, made.etag()));
    let revised = camat.post(AGREEMENTS, perubahan()).await.status(201);
    assert_eq!([&revised.json["kind"], &revised.json["revises"]], ["perubahan", MURNI]);

    let list = async |query: &str| -> Vec<String> {
        let items = camat.all(&format!("{AGREEMENTS}?{query}")).await.into_iter();
        items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    for (query, expected) in [
        ("fiscal_year=2025", &[MURNI, PERUBAHAN][..]),
        ("sort=-fiscal_year", &[PERUBAHAN, MURNI]),
        ("fiscal_year=2024", &[]),
        ("kind=murni", &[MURNI]),
        ("kind=perubahan", &[PERUBAHAN]),
        ("number=100.3%2F07%2FPK%2FCPAR%2F2025", &[PERUBAHAN]),
        ("revises=0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4f01", &[PERUBAHAN]),
        ("recorded_by=test.head", &[MURNI, PERUBAHAN]),
        ("recorded_by=camat", &[]),
        ("state=deleted", &[]),
    ] {
        assert_eq!(list(query).await, expected, "{query}");
    }

    let correction =
        json!({"second_party": {"name": "H. Akhmad Fauzi", "office": "Bupati Balangan"}, "reason": "Pejabat lain"});
    let corrected = camat.patch(&path(MURNI), &made.etag(), correction).await.status(200);
    assert_eq!(
        corrected.json["second_party"],
        json!({"name": "H. Akhmad Fauzi", "office": "Bupati Balangan"})
    );
    camat
        .patch(&path(MURNI), &made.etag(), json!({"signed_on": "2025-01-10"}))
        .await
        .problem(412, "precondition_failed");
    camat.delete(&path(PERUBAHAN), &revised.etag()).await.status(204);
    camat.get(&path(PERUBAHAN)).await.problem(404, "not_found");
    assert_eq!(list("state=deleted").await, [PERUBAHAN]);
    let restoration = json!({"reason": "Ternyata benar"});
    let restored = camat
        .post(&format!("{}/restorations", path(PERUBAHAN)), restoration)
        .await
        .status(200);
    assert_eq!(restored.json["revises"], MURNI);
    let versions = camat.all(&format!("{}/versions", path(PERUBAHAN))).await;
    assert_eq!(versions.len(), 3);
    let versions = camat.all(&format!("{}/versions", path(MURNI))).await;
    assert_eq!(versions[1]["reason"], "Pejabat lain");
    assert_eq!(versions[0]["content"]["second_party"]["name"], "H. Abdul Hadi");
}

#[apply(both_databases)]
async fn bad_agreements_are_refused(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let secretary = secretary(&world).await;
    secretary.post(AGREEMENTS, murni()).await.status(201);
    let other = with(murni(), "id", json!("0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4f09"));
    let other = with(other, "number", json!("lain"));
    let rows = [
        (with(murni(), "number", json!("lain")), 409, "id_conflict", "#/id"),
        (
            with(other.clone(), "number", murni()["number"].clone()),
            409,
            "duplicate_agreement",
            "",
        ),
        (
            with(other.clone(), "signed_on", json!("2025-09-21")),
            422,
            "future_instant",
            "#/signed_on",
        ),
        (
            with(other.clone(), "signed_on", json!("kemarin")),
            400,
            "invalid_body",
            "#/signed_on",
        ),
        (
            with(other.clone(), "district_code", json!("63.11.01")),
            422,
            "unknown_reference",
            "#/district_code",
        ),
        (
            with(other.clone(), "fiscal_year", json!(1999)),
            400,
            "invalid_body",
            "#/fiscal_year",
        ),
        (
            with(other.clone(), "first_party", json!({"name": "A"})),
            400,
            "invalid_body",
            "#/first_party/office",
        ),
        (
            with(other.clone(), "first_party", json!(null)),
            400,
            "invalid_body",
            "#/first_party",
        ),
        (
            with(other.clone(), "kind", json!("murni")),
            400,
            "invalid_body",
            "#/kind",
        ),
        (
            with(other.clone(), "revises", json!(PERUBAHAN)),
            422,
            "unknown_reference",
            "#/revises",
        ),
        (
            with(with(other.clone(), "revises", json!(MURNI)), "fiscal_year", json!(2024)),
            422,
            "unknown_reference",
            "#/revises",
        ),
        (
            with(
                with(other.clone(), "revises", json!(MURNI)),
                "signed_on",
                json!("2025-01-14"),
            ),
            422,
            "rule_broken",
            "#/signed_on",
        ),
        (
            with(other.clone(), "revises", other["id"].clone()),
            422,
            "unknown_reference",
            "#/revises",
        ),
    ];
    assert_bodies_refused(&secretary, "POST", AGREEMENTS, rows).await;
    secretary.post(AGREEMENTS, perubahan()).await.status(201);
    let rows = [
        (json!({"signed_on": "2025-08-21"}), 422, "rule_broken", "#/signed_on"),
        (json!({"number": perubahan()["number"]}), 409, "duplicate_agreement", ""),
        (json!({"fiscal_year": 2024}), 400, "invalid_body", "#/fiscal_year"),
        (json!({"revises": null}), 400, "invalid_body", "#/revises"),
        (json!({"number": ""}), 400, "invalid_body", "#/number"),
    ];
    assert_bodies_refused(&secretary, "PATCH", &path(MURNI), rows).await;

    let elsewhere = world.holder(Role::Secretary, Some("63.11.01"), &[]);
    let officer = world.officer(&["pemerintahan"]);
    let auditor = world.holder(Role::Auditor, None, &[]);
    let integrator = world.holder(Role::Integrator, None, &[]);
    let of_murni = &path(MURNI);
    assert_refused(&[
        (&elsewhere, "GET", of_murni, NONE, 404, "not_found"),
        (&elsewhere, "PATCH", of_murni, json!({"number": "x"}), 404, "not_found"),
        (&officer, "POST", AGREEMENTS, other.clone(), 403, "insufficient_scope"),
        (&officer, "DELETE", of_murni, NONE, 403, "insufficient_scope"),
        (&auditor, "POST", AGREEMENTS, other.clone(), 403, "insufficient_scope"),
        (
            &integrator,
            "PATCH",
            of_murni,
            json!({"number": "x"}),
            403,
            "insufficient_scope",
        ),
    ])
    .await;
    for reader in [&officer, &auditor, &integrator] {
        reader.get(of_murni).await.status(200);
        assert_eq!(reader.all(AGREEMENTS).await.len(), 2);
    }
    assert_eq!(elsewhere.all(AGREEMENTS).await.len(), 0);
}

#[apply(both_databases)]
async fn a_value_shows_the_agreement_of_its_target(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let secretary = secretary(&world).await;
    secretary.post(AGREEMENTS, murni()).await.status(201);
    let new = json!({"value": 90, "basis": "PK 2025", "agreement_id": MURNI});
    secretary.put(&format!("{TARGETS}/2025"), new).await.status(201);
    let shown = async |query: &str| {
        let value = secretary.get(&format!("{VALUE}{query}")).await.status(200).json;
        value["target_agreement"].clone()
    };
    let expected = json!({"id": MURNI, "number": "100.3/01/PK/CPAR/2025", "signed_on": "2025-01-15", "kind": "murni"});
    assert_eq!(shown("").await, expected);
    let sheet = secretary.all("/v1/realisations?period=2025").await;
    assert_eq!(sheet[3]["target_agreement"], expected);
    assert_eq!(sheet[0].get("target_agreement"), None);
    // A period without a target has no agreement.
    let half = secretary.get(&VALUE.replace("2025", "2025-Q1")).await.status(200).json;
    assert_eq!((&half["target"], half.get("target_agreement")), (&Value::Null, None));
    // A correction of the agreement is shown at once, and its tag differs.
    let before = secretary.get(VALUE).await.status(200).etag();
    let correction = json!({"number": "100.3/02/PK/CPAR/2025", "reason": "Salah ketik"});
    secretary.patch(&path(MURNI), "*", correction).await.status(200);
    assert_eq!(shown("").await["number"], "100.3/02/PK/CPAR/2025");
    assert_ne!(secretary.get(VALUE).await.status(200).etag(), before);
    // The PK Perubahan.
    world
        .clock
        .set(crate::support::world::instant("2025-09-21T09:00:00+08:00"));
    secretary.post(AGREEMENTS, perubahan()).await.status(201);
    set(&secretary, "2025", 95.5, PERUBAHAN).await;
    assert_eq!(shown("").await["kind"], "perubahan");
    let known = shown("?as_of=2025-09-20T23:00:00%2B08:00").await;
    assert_eq!([&known["id"], &known["number"]], [MURNI, "100.3/02/PK/CPAR/2025"]);

    let row = rows(&secretary, "/v1/exports/realisations.csv?year=2025")
        .await
        .remove(3);
    let columns = [
        "target_tahunan",
        "target_tahunan_murni",
        "target_tahunan_perubahan",
        "nomor_perjanjian",
        "tanggal_perjanjian",
    ];
    assert_eq!(
        columns.map(|column| row[column].as_str()),
        ["95.5", "90", "95.5", "100.3/07/PK/CPAR/2025", "2025-08-20"]
    );
    let mut book = opened(&secretary, "/v1/exports/lkjip.xlsx?year=2025").await;
    let year = table(&mut book, "1 Target dan realisasi");
    let words = "Perjanjian Kinerja Perubahan 100.3/07/PK/CPAR/2025, 2025-08-20";
    assert_eq!(year[3]["perjanjian_kinerja"], Data::String(words.to_owned()));
    assert_eq!(year[0]["perjanjian_kinerja"], Data::Empty);
    // While targets or a revision belong to an agreement, it stays.
    for id in [MURNI, PERUBAHAN] {
        secretary.delete(&path(id), "*").await.problem(409, "agreement_in_use");
    }
    secretary.delete(&format!("{TARGETS}/2025"), "*").await.status(204);
    for id in [PERUBAHAN, MURNI] {
        secretary.delete(&path(id), "*").await.status(204);
    }
    // Restored in the wrong order, the PK Perubahan has nothing to revise.
    let restore = async |id: &str| {
        let reason = json!({"reason": "Ternyata berlaku"});
        secretary.post(&format!("{}/restorations", path(id)), reason).await
    };
    restore(PERUBAHAN).await.problem(422, "unknown_reference");
    restore(MURNI).await.status(200);
    restore(PERUBAHAN).await.status(200);
}

/// A correction of the target under the agreement murni is no revision, and a revision to the same value is one.
#[apply(both_databases)]
async fn the_columns_murni_and_perubahan_follow_the_agreements(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let secretary = secretary(&world).await;
    for body in [murni(), perubahan()] {
        secretary.post(AGREEMENTS, body).await.status(201);
    }
    let new = json!({"value": 80, "basis": "PK 2025", "agreement_id": MURNI});
    secretary.put(&format!("{TARGETS}/2025"), new).await.status(201);
    let cells = async || {
        let row = rows(&secretary, "/v1/exports/realisations.csv?year=2025")
            .await
            .remove(3);
        ["target_tahunan_murni", "target_tahunan_perubahan"].map(|column| row[column].clone())
    };
    set(&secretary, "2025", 90.0, MURNI).await;
    assert_eq!(cells().await, ["90", ""]);
    set(&secretary, "2025", 90.0, PERUBAHAN).await;
    assert_eq!(cells().await, ["90", "90"]);
    set(&secretary, "2025", 92.0, PERUBAHAN).await;
    assert_eq!(cells().await, ["90", "92"]);
}

#[apply(both_databases)]
async fn a_target_takes_only_an_agreement_of_its_district_and_year(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    world.load_regency().await;
    let admin = world.admin();
    admin.post(AGREEMENTS, murni()).await.status(201);
    let elsewhere = with(
        with(murni(), "id", json!(PERUBAHAN)),
        "district_code",
        json!("63.11.01"),
    );
    admin.post(AGREEMENTS, elsewhere).await.status(201);
    let target = |agreement: &str| json!({"value": 90, "agreement_id": agreement});
    for (period, agreement, status, pointer) in [
        ("2024", MURNI, 422, "#/agreement_id"),
        ("2026-S1", MURNI, 422, "#/agreement_id"),
        ("2025", PERUBAHAN, 422, "#/agreement_id"),
        ("2025", "0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4f99", 422, "#/agreement_id"),
    ] {
        let reply = admin.put(&format!("{TARGETS}/{period}"), target(agreement)).await;
        let failure = reply.unless_refused(status, "unknown_reference", pointer);
        assert_eq!(failure, None, "{period} {agreement}");
    }
    let body = [(
        json!({"value": 90, "agreement_id": "x"}),
        400,
        "invalid_body",
        "#/agreement_id",
    )];
    assert_bodies_refused(&admin, "PUT", &format!("{TARGETS}/2025"), body).await;
    let made = admin
        .put(&format!("{TARGETS}/2025-Q2"), target(MURNI))
        .await
        .status(201);
    assert_eq!(made.json["agreement_id"], MURNI);
    // Replaced without it, the target names none.
    let holding = admin.with("if-match", &made.etag());
    let bare = holding
        .put(&format!("{TARGETS}/2025-Q2"), json!({"value": 90}))
        .await
        .status(200);
    assert_eq!(bare.json["agreement_id"], Value::Null);
    let versions = admin.all(&format!("{TARGETS}/2025-Q2/versions")).await;
    assert_eq!(versions[0]["content"]["agreement_id"], MURNI);
}

#[apply(both_databases)]
async fn a_closing_has_the_agreement(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    admin.post(AGREEMENTS, murni()).await.status(201);
    let target = json!({"value": 50, "basis": "PK 2025", "agreement_id": MURNI});
    admin.put(&format!("{TARGETS}/2025-Q1"), target).await.status(201);
    let closing = json!({"district_code": PARINGIN, "period": "2025-Q1"});
    let made = admin.post("/v1/closings", closing).await.status(201);
    let document = admin
        .get(&format!("{}/document", made.header("location")))
        .await
        .status(200)
        .json;
    let closed = &document["indicators"][3];
    assert_eq!(closed["target"]["basis"], "PK 2025");
    assert_eq!(closed["target"]["agreement"]["number"], "100.3/01/PK/CPAR/2025");
    assert_eq!(document["indicators"][0]["target"], Value::Null);
    // What was closed stays.
    let correction = json!({"number": "100.3/02/PK/CPAR/2025", "reason": "Salah ketik"});
    admin.patch(&path(MURNI), "*", correction).await.status(200);
    let value = admin.get(&VALUE.replace("2025", "2025-Q1")).await.status(200).json;
    assert_eq!(value["closing"]["version"], 1);
    assert_eq!(value["target_agreement"]["number"], "100.3/01/PK/CPAR/2025");
}

#[apply(both_databases)]
async fn a_sheet_of_targets_names_agreements_by_number_or_id(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    for body in [murni(), perubahan()] {
        admin.post(AGREEMENTS, body).await.status(201);
    }
    let send = async |mode: &str, sheet: String| {
        let path = format!("/v1/imports?resource=targets&mode={mode}");
        admin.send("POST", &path, "text/csv", sheet.into_bytes()).await
    };
    let outcomes = |import: &Value| -> Vec<String> {
        let rows = import["rows"].as_array().unwrap().iter();
        let of_row = |row: &Value| match &row["errors"][0] {
            Value::Null => row["outcome"].as_str().unwrap().to_owned(),
            error => format!(
                "{} {}",
                error["column"].as_str().unwrap(),
                error["code"].as_str().unwrap()
            ),
        };
        rows.map(of_row).collect()
    };
    let sheet = format!(
        "indicator_code,period,value,agreement\nparingin-iku-4,2025-Q1,50,100.3/01/PK/CPAR/2025\n\
         paringin-iku-4,2025,90,{PERUBAHAN}\n"
    );
    let wrong = format!(
        "{sheet}paringin-iku-4,2024,90,{MURNI}\nparingin-iku-5,2025,90,tidak ada\nparingin-iku-9,2025,90,{MURNI}\n"
    );
    let judged = send("dry_run", wrong).await.status(200).json;
    let expected = [
        "create",
        "create",
        "agreement unknown_reference",
        "agreement unknown_reference",
        "indicator_code unknown_reference",
    ];
    assert_eq!(outcomes(&judged), expected);
    assert_eq!(
        outcomes(&send("apply", sheet.clone()).await.status(200).json),
        ["create", "create"]
    );
    assert_eq!(
        outcomes(&send("apply", sheet.clone()).await.status(200).json),
        ["same", "same"]
    );
    let target = async |period: &str| {
        let target = admin.get(&format!("{TARGETS}/{period}")).await.status(200).json;
        target["agreement_id"].clone()
    };
    assert_eq!([target("2025-Q1").await, target("2025").await], [MURNI, PERUBAHAN]);
    // A sheet without the column leaves the agreements; an empty cell takes one away.
    let without = "indicator_code,period,value\nparingin-iku-4,2025,91\n".to_owned();
    assert_eq!(outcomes(&send("apply", without).await.status(200).json), ["change"]);
    assert_eq!(target("2025").await, PERUBAHAN);
    let empty = "indicator_code,period,value,agreement\nparingin-iku-4,2025,91,\n".to_owned();
    assert_eq!(outcomes(&send("apply", empty).await.status(200).json), ["change"]);
    assert_eq!(target("2025").await, Value::Null);
}
