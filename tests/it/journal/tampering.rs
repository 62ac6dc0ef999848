//! Each column of each recorded row, changed behind the service's back: verify names exactly that row.

use entity as tables;
use iku::platform::db::Db;
use sea_orm::{ColumnTrait, ColumnType, ConnectionTrait, EntityTrait, IdenStatic, Iterable};
use serde_json::json;

use super::{findings, sql};
use crate::demo::demonstration;
use crate::maintenance::answer;
use crate::support::backend::{Backend, apply, both_databases};

/// Another value of a column.
fn another<C: ColumnTrait>(column: C) -> String {
    let name = column.as_str();
    match column.def().get_column_type() {
        ColumnType::Boolean => format!("NOT {name}"),
        ColumnType::SmallInteger | ColumnType::Integer | ColumnType::BigInteger => format!("COALESCE({name}, 0) + 1"),
        ColumnType::Date => "'2001-02-03'".to_owned(),
        ColumnType::TimestampWithTimeZone => "'2001-02-03 00:00:00+00:00'".to_owned(),
        ColumnType::Uuid => "x'0198e2f47a517c449a0e2f1d3c4b5a69'".to_owned(),
        ColumnType::Blob => "x'00'".to_owned(),
        _ => format!("COALESCE({name}, '') || 'x'"),
    }
}

/// Changes each column of one row of a table, asks, and restores it. Returns the number of columns.
async fn try_table<E: EntityTrait>(db: &Db, table: &str, of: &str, untouched: &[&str]) -> usize {
    sql(
        db,
        &format!("CREATE TABLE copy AS SELECT rowid AS row, * FROM {table} LIMIT 1"),
    )
    .await;
    let row = "(SELECT row FROM copy)";
    let mut tried = 0;
    for column in E::Column::iter() {
        let name = column.as_str();
        if untouched.contains(&name) {
            continue;
        }
        let change = format!("UPDATE {table} SET {name} = {} WHERE rowid = {row}", another(column));
        if let Err(error) = db.connection().execute_unprepared(&change).await {
            // A key of another row.
            assert!(error.to_string().contains("UNIQUE"), "{change}: {error}");
            continue;
        }
        tried += 1;
        let found = findings(db).await;
        assert!(!found.is_empty(), "{table}.{name} was changed unseen");
        // A changed key is a row without an event, and an event without a row.
        assert!(found.len() <= 2, "{table}.{name}: {found:#?}");
        for line in &found {
            assert!(
                line.starts_with(&format!("journal: {of} ")),
                "{table}.{name}: {found:#?}"
            );
        }
        sql(
            db,
            &format!("UPDATE {table} SET {name} = (SELECT {name} FROM copy) WHERE rowid = {row}"),
        )
        .await;
    }
    sql(db, "DROP TABLE copy").await;
    assert_eq!(findings(db).await, [""; 0]);
    tried
}

#[actix_web::test]
async fn every_column_of_every_version_is_covered() {
    let world = demonstration(Backend::Sqlite).await;
    let (admin, db) = (world.admin(), &world.service.db);
    // The demonstration has none of these.
    let indicator = "/v1/indicators/paringin-iku-4";
    let note = json!({"obstacles": "Hujan", "follow_up": "Jemput berkas"});
    admin.put(&format!("{indicator}/notes/2025"), note).await.status(201);
    let value = json!({"value": 70, "source": "LKjIP 2022"});
    admin
        .put(&format!("{indicator}/past-values/2022"), value)
        .await
        .status(201);
    let bytes = crate::evidence::pdf("a");
    crate::evidence::send(&admin, "application/pdf", &bytes)
        .await
        .status(201);
    let target = "/v1/indicators/paringin-iku-4/targets/2025";
    crate::evidence::link(&admin, target, &bytes, "a.pdf").await.status(201);
    let agreement = json!({
        "district_code": "63.11.06", "fiscal_year": 2025, "number": "2/PK", "signed_on": "2025-01-15",
        "first_party": {"name": "A", "office": "Camat"}, "second_party": {"name": "B", "office": "Bupati"},
    });
    admin.post("/v1/agreements", agreement).await.status(201);
    sql(db, "PRAGMA ignore_check_constraints = ON").await;
    sql(db, "PRAGMA foreign_keys = OFF").await;
    let mut tried = 0;
    macro_rules! tables {
        ($($table:ident $of:literal;)*) => { $(
            tried += try_table::<tables::$table::Entity>(db, stringify!($table), $of, &["superseded_at"]).await;
        )* };
    }
    tables! {
        village "village";
        decree "decree";
        indicator "indicator";
        agreement "agreement";
        target "target";
        report_kind "report_kind";
        listed_code "listed_code";
        report "report";
        institution "institution";
        institution_decree "institution";
        public_case "case";
        case_event "case";
        survey "survey";
        survey_link "survey_link";
        record_start "record_start";
        indicator_note "note";
        past_value "past_value";
        evidence_link "evidence_link";
    }
    assert!(tried > 140, "{tried}");
}

/// What may be erased, or changes later, is in no digest.
const OF_PERSONS: [&str; 15] = [
    "fingerprint",
    "village_code",
    "gender",
    "age",
    "education",
    "occupation",
    "comment",
    "mode",
    "flags",
    "received_at",
    "void_reason",
    "voided_by",
    "device_id",
    "id",
    "survey_id",
];

#[actix_web::test]
async fn every_score_of_an_answer_is_covered_and_nothing_of_a_person() {
    let world = demonstration(Backend::Sqlite).await;
    let db = &world.service.db;
    sql(db, "PRAGMA ignore_check_constraints = ON").await;
    let tried = try_table::<tables::response::Entity>(db, "response", "answers of survey", &OF_PERSONS).await;
    assert_eq!(
        tried,
        9 + 5,
        "nine scores, service, answered_at, recorded_by, counted_from, counted_until"
    );
    let erased = "UPDATE response SET comment = NULL, gender = NULL, age = NULL, education = NULL, occupation = NULL, \
                  village_code = NULL, device_id = NULL";
    sql(db, erased).await;
    assert_eq!(findings(db).await, [""; 0]);
}

#[apply(both_databases)]
async fn rows_that_the_service_did_not_write_are_named(backend: Backend) {
    let world = demonstration(backend).await;
    let db = &world.service.db;
    let id = |text: &str| match backend {
        Backend::Sqlite => format!("x'{}'", text.replace('-', "")),
        Backend::Postgres => format!("'{text}'"),
    };
    let admin = world.admin();
    let report = admin.get("/v1/reports?limit=1").await.json["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let condition = format!("id = {}", id(&report));
    sql(db, &format!("UPDATE report SET note = 'x' WHERE {condition}")).await;
    let changed = format!("journal: report {report} version 1 was changed after it was recorded");
    assert_eq!(findings(db).await, [changed]);
    sql(db, &format!("DELETE FROM report WHERE {condition}")).await;
    assert_eq!(
        findings(db).await,
        [format!("journal: report {report} version 1 was removed")]
    );

    let survey = iku::demo::open_survey();
    let posted = admin
        .post(&format!("/v1/surveys/{survey}/responses"), answer())
        .await
        .status(201);
    let answer_id = id(posted.json["id"].as_str().unwrap());
    sql(db, &format!("DELETE FROM response WHERE id = {answer_id}")).await;
    let found = findings(db).await;
    assert!(
        found[1].starts_with(&format!("journal: answers of survey {survey} in the commit of ")),
        "{found:#?}"
    );
}

/// An answer goes through everything that can happen to it, and each step has its event.
#[apply(both_databases)]
async fn life_of_answers_is_proved(backend: Backend) {
    let world = demonstration(backend).await;
    let (admin, db) = (world.admin(), &world.service.db);
    let survey = iku::demo::open_survey();
    let path = format!("/v1/surveys/{survey}/responses");
    let posted = admin.post(&path, answer()).await.status(201);
    let one = format!("{path}/{}", posted.json["id"].as_str().unwrap());
    admin.delete(&one, "*").await.status(204);
    admin
        .post(&format!("{one}/restorations"), json!({"reason": "Salah orang"}))
        .await
        .status(200);
    admin.delete(&one, "*").await.status(204);
    let phone = world.revoked_phone();
    let items: Vec<_> = (0..3)
        .map(|_| {
            let mut item = answer();
            item["survey_id"] = json!(survey);
            item
        })
        .collect();
    let batch = json!({"sent_at": world.clock.now(), "items": items});
    phone.post("/v1/responses/batch", batch).await.status(207);
    let held = admin.all("/v1/held-responses?decided=false").await;
    let decide = async |n: usize, decision: &str| {
        let path = format!("/v1/held-responses/{}/{decision}", held[n]["id"].as_str().unwrap());
        admin.post(&path, json!({"reason": "Uji"})).await.status(200);
    };
    decide(0, "release").await;
    decide(1, "discard").await;
    decide(1, "restorations").await;
    let together = json!({"decision": "released", "survey_id": survey, "reason": "Uji"});
    admin.post("/v1/held-responses/decisions", together).await.status(201);
    assert_eq!(findings(db).await, [""; 0]);
    let events = admin.all(&format!("/v1/audit-events?key={survey}")).await;
    let mut actions: Vec<_> = events
        .iter()
        .map(|e| format!("{} {}", e["resource"], e["action"]))
        .collect();
    actions.truncate(6);
    let short: Vec<String> = actions.iter().map(|a| a.replace('"', "")).collect();
    assert_eq!(
        short,
        [
            "response released",
            "response released",
            "held_response received",
            "response voided",
            "response restored",
            "response voided",
        ]
    );
}
