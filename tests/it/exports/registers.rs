//! Registers: each record once, as it was at one instant, whatever is recorded meanwhile.

use std::collections::BTreeSet;

use actix_web::web::Data;
use futures_util::TryStreamExt;
use futures_util::future::join;
use iku::core::element::Element;
use iku::exports::csv::Separator;
use iku::exports::dto::AnswersFilter;
use iku::exports::{Choice, Source, open};
use iku::platform::http::limits::at_work::ReadQueues;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{closed_survey, rows, rows_of, shown};
use crate::demo::demonstration;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::counting::{listening, reader};
use crate::support::world::{Client, PARINGIN, World};

#[apply(both_databases)]
async fn a_register_has_every_record_of_its_list(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    for table in ["reports", "institutions", "cases"] {
        let records = admin.all(&format!("/v1/{table}?limit=100")).await;
        let exported = rows(&admin, &format!("/v1/exports/{table}.csv")).await;
        let ids = |all: Vec<String>| all.into_iter().collect::<BTreeSet<_>>();
        let of_list = ids(records.iter().map(|record| shown(&record["id"])).collect());
        let of_export = ids(exported.iter().map(|row| row["id"].clone()).collect());
        assert_eq!(of_export, of_list, "{table}");
        // Each cell is that of the record.
        for row in &exported {
            let record = records
                .iter()
                .find(|record| record["id"] == row["id"].as_str())
                .unwrap();
            let names = row
                .keys()
                .filter(|name| record.get(*name).is_some_and(|value| !value.is_array()));
            for name in names {
                assert_eq!(row[name], shown(&record[name]), "{table} {name}");
            }
            assert!(
                row["village_code"].is_empty() || !row["village_name"].is_empty(),
                "{row:?}"
            );
        }
        let parts: usize = match table {
            "reports" => records.len(),
            "institutions" => records
                .iter()
                .map(|i| i["decrees"].as_array().unwrap().len().max(1))
                .sum(),
            _ => records
                .iter()
                .map(|c| c["events"].as_array().unwrap().len().max(1))
                .sum(),
        };
        assert_eq!(exported.len(), parts, "{table}");
    }
    let of_2024 = rows(&admin, "/v1/exports/reports.csv?fiscal_year=2024").await;
    let listed = admin.all("/v1/reports?fiscal_year=2024&limit=100").await;
    assert_eq!(of_2024.len(), listed.len());
    let of_2025 = rows(&admin, "/v1/exports/cases.csv?year=2025").await;
    assert!(of_2025.iter().all(|row| *row["occurred_at"] >= *"2024-12-31T16:00:00Z"));
    assert!(!of_2025.is_empty() && of_2025.len() < rows(&admin, "/v1/exports/cases.csv").await.len());
}

#[apply(both_databases)]
async fn completeness_and_surveys_equal_the_api(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let matrix = admin.get("/v1/reports/completeness?year=2025").await.status(200).json;
    let exported = rows(&admin, "/v1/exports/completeness.csv?year=2025").await;
    let villages = matrix["villages"].as_array().unwrap();
    let cells = villages.iter().flat_map(|village| {
        let cells = village["cells"].as_array().unwrap().iter();
        cells.map(move |cell| (village, cell))
    });
    let cells: Vec<(&Value, &Value)> = cells.collect();
    assert_eq!(exported.len(), cells.len());
    for (row, (village, cell)) in exported.iter().zip(cells) {
        assert_eq!(row["village_code"], shown(&village["village_code"]));
        for name in ["kind", "fiscal_year", "due_on", "state", "delivered_on", "report_id"] {
            assert_eq!(row[name], shown(&cell[name]), "{name}");
        }
    }
    // On an earlier day less had come in.
    let earlier = "/v1/exports/completeness.csv?year=2025&as_of=2025-03-01T23:59:59.999999%2B08:00";
    let missing = |rows: &[super::Cells]| rows.iter().filter(|row| row["delivered_on"].is_empty()).count();
    assert!(missing(&rows(&admin, earlier).await) > missing(&exported));

    let surveys = rows(&admin, "/v1/exports/surveys.csv?year=2025").await;
    assert!(!surveys.is_empty());
    for row in &surveys {
        let index = admin
            .get(&format!("/v1/surveys/{}/index", row["survey_id"]))
            .await
            .status(200)
            .json;
        for name in ["respondents", "voided", "held", "ikm"] {
            assert_eq!(row[name], shown(&index[name]), "{name}");
        }
        assert_eq!(row["grade"], shown(&index["grade"]["letter"]));
        for element in index["elements"].as_array().unwrap() {
            let code = element["code"].as_str().unwrap();
            for name in ["answers", "nrr", "weighted_nrr", "index"] {
                assert_eq!(row[&format!("{code}_{name}")], shown(&element[name]), "{code} {name}");
            }
        }
    }
}

fn answer(id: Uuid) -> Value {
    let answers = Element::ALL.map(|element| (element.code().to_owned(), json!(3)));
    json!({
        "id": id, "answers": Value::Object(answers.into_iter().collect()),
        "answered_at": "2025-06-10T09:00:00+08:00", "service": "ktp", "comment": "=1+1",
    })
}

/// Sends so many answers to a new survey. Returns the survey.
async fn answered(admin: &Client, number: usize) -> String {
    let survey = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos", "questionnaire": "skm-9",
        "starts_on": "2025-04-01", "ends_on": "2025-06-30",
    });
    let survey = admin.post("/v1/surveys", survey).await.status(201);
    let path = survey.header("location").to_owned();
    admin.patch(&path, "*", json!({"status": "open"})).await.status(200);
    let ids: Vec<Uuid> = (0..number).map(|_| Uuid::new_v4()).collect();
    for ids in ids.chunks(200) {
        let item = |id: &Uuid| {
            let mut item = answer(*id);
            item["survey_id"] = json!(survey.id());
            item
        };
        let items: Vec<Value> = ids.iter().map(item).collect();
        let batch = json!({"sent_at": "2025-06-15T09:00:00+08:00", "items": items});
        let sent = admin.post("/v1/responses/batch", batch).await.status(207);
        assert_eq!(sent.json["summary"]["created"], ids.len(), "{:#}", sent.json);
    }
    survey.id()
}

/// The parts are read one after the other, and an answer is voided and another one sent between them.
#[apply(both_databases)]
async fn a_long_register_is_of_one_instant(backend: Backend) {
    let world = World::on(backend).at("2025-06-15T09:00:00+08:00").await;
    let admin = world.admin();
    let survey = answered(&admin, 1100).await;
    let actor = reader();
    let source = Source {
        db: &world.service.db,
        cache: &world.service.response_cache,
        actor: &actor,
        as_of: None,
    };
    let choice = Choice::Answers(AnswersFilter {
        survey_id: survey.parse().unwrap(),
        comments: None,
    });
    let export = open(&source, &choice).await.unwrap();
    let (first, mut rest) = export.csv(Separator::Comma).await.unwrap();
    let mut whole = first.to_vec();
    // The last that was received is in a part that was not read yet.
    let last = admin
        .get(&format!("/v1/surveys/{survey}/responses?limit=1"))
        .await
        .status(200);
    let last = last.json["items"][0]["id"].as_str().unwrap().to_owned();
    admin
        .delete(&format!("/v1/surveys/{survey}/responses/{last}"), "*")
        .await
        .status(204);
    admin
        .post(&format!("/v1/surveys/{survey}/responses"), answer(Uuid::new_v4()))
        .await
        .status(201);
    let mut parts = 1;
    while let Some(part) = rest.try_next().await.unwrap() {
        whole.extend_from_slice(&part);
        parts += 1;
    }
    assert_eq!(parts, 3);
    let whole = String::from_utf8(whole).unwrap();
    let table = rows_of(whole.trim_start_matches('\u{feff}'), b',');
    let ids: BTreeSet<&str> = table.iter().map(|row| row["id"].as_str()).collect();
    assert_eq!(
        (table.len(), ids.len(), ids.contains(last.as_str())),
        (1100, 1100, true)
    );
    assert!(!table[0].contains_key("comment"));
    // A new export is of the present: the voided answer is gone, the new one is there.
    let path = format!("/v1/exports/responses.csv?survey_id={survey}&comments=true");
    let now = rows(&admin, &path).await;
    assert_eq!(now.len(), 1100);
    assert!(now.iter().all(|row| row["id"] != last && row["comment"] == "'=1+1"));
}

/// Each part takes a turn among the reads of its caller, and gives it back: where one read is at work at a time, two exports of
/// many parts come to their end.
#[apply(both_databases)]
async fn parts_take_turns_with_other_reads(backend: Backend) {
    let world = World::on(backend).at("2025-06-15T09:00:00+08:00").await;
    let survey = answered(&world.admin(), 600).await;
    let world = world
        .adjusted(|service| service.read_queues = Data::new(ReadQueues::new(Some(1))))
        .await;
    let admin = world.admin();
    let path = format!("/v1/exports/responses.csv?survey_id={survey}");
    let (one, other) = join(rows(&admin, &path), rows(&admin, &path)).await;
    assert_eq!((one.len(), other.len()), (600, 600));
    admin.get("/v1/reports").await.status(200);
    assert_eq!(world.service.read_queues.callers(), 0);
}

/// A register costs two statements for each part, not for each record.
#[apply(both_databases)]
async fn a_register_takes_few_statements(backend: Backend) {
    let world = demonstration(backend).await;
    let (world, statements) = listening(&world, 0).await;
    let admin = world.admin();
    for (table, most) in [("reports", 2), ("institutions", 4), ("cases", 3)] {
        let exported = rows(&admin, &format!("/v1/exports/{table}.csv")).await;
        let taken = statements.take();
        assert!(exported.len() > 20 && taken.len() <= most, "{table}: {taken:#?}");
    }
    let surveys = rows(&admin, "/v1/exports/surveys.csv?year=2025").await;
    let taken = statements.take();
    assert!(surveys.len() > 1 && taken.len() <= 3, "{taken:#?}");
}

#[apply(both_databases)]
async fn answers_are_those_of_the_list(backend: Backend) {
    let world = demonstration(backend).await;
    let admin = world.admin();
    let survey = closed_survey(&admin).await;
    let exported = rows(&admin, &format!("/v1/exports/responses.csv?survey_id={survey}")).await;
    let listed = admin.all(&format!("/v1/surveys/{survey}/responses?limit=100")).await;
    assert_eq!(exported.len(), listed.len());
    for record in &listed {
        let row = exported.iter().find(|row| record["id"] == row["id"].as_str()).unwrap();
        for (code, score) in record["answers"].as_object().unwrap() {
            assert_eq!(row[code], shown(score), "{code}");
        }
        for name in ["mode", "service", "village_code", "answered_at", "received_at"] {
            assert_eq!(row[name], shown(&record[name]), "{name}");
        }
        assert_eq!(row["education"], shown(&record["respondent"]["education"]));
    }
}
