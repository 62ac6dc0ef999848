//! Closings while many write: the document has exactly what was known at its instant.

use std::pin::Pin;

use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{close, escaped, files, head, realisations};
use crate::responses::answer;
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, Reply, World};

/// Sends a request, and again after a 503, which has stored nothing.
async fn insist(send: impl AsyncFn() -> Reply) -> Reply {
    for _ in 0..50 {
        let reply = send().await;
        if reply.status != 503 {
            return reply;
        }
    }
    panic!("the service stays busy")
}

/// One of 64 writers: each records something that moves a value.
async fn write(n: usize, actor: Client, responses: Vec<String>) {
    let desa = super::super::realisations::DESA[n % 14];
    let village = format!("{PARINGIN}.{desa}");
    let (path, body) = match n % 4 {
        0 | 1 => {
            let kind = ["lppd", "bpd-kinerja"][n % 2];
            let report =
                json!({"village_code": village, "kind": kind, "fiscal_year": 2024, "delivered_on": "2025-03-14"});
            ("/v1/reports", report)
        }
        2 => {
            let decree = json!({"number": "1", "issued_on": "2025-01-01", "starts_on": "2025-01-01"});
            let rt = json!({"village_code": village, "kind": "rt", "name": format!("RT {n}"), "decrees": [decree]});
            ("/v1/institutions", rt)
        }
        _ => {
            let case = json!({
                "village_code": village, "category": "sosial", "occurred_at": "2025-03-14T21:30:00+08:00", "summary": "Balap liar",
            });
            ("/v1/cases", case)
        }
    };
    let made = insist(async || actor.post(path, body.clone()).await).await.status;
    assert!([201, 409].contains(&made), "{path}: {made}");
    if let Some(answer) = responses.get(n) {
        let path = answer.as_str();
        insist(async || actor.delete(path, "*").await).await.status(204);
    }
}

/// The records of an indicator in a document.
fn stored_records(document: &[u8], code: &str) -> Vec<Value> {
    let document: Value = serde_json::from_slice(document).unwrap();
    let mut indicators = document["indicators"].as_array().unwrap().iter();
    let found = indicators.find(|i| i["explanation"]["realisation"]["indicator"]["code"] == code);
    found.unwrap()["records"].as_array().unwrap().clone()
}

/// Of a survey the present knows the instant of the last void, and the past that of the last counted answer.
fn comparable(mut records: Vec<Value>) -> Vec<Value> {
    for record in &mut records {
        if record["record"]["type"] == "survey" {
            record["recorded_at"] = Value::Null;
        }
    }
    records
}

#[apply(both_databases)]
async fn a_closing_among_sixty_four_writers_has_what_was_known(backend: Backend) {
    let world = World::on(backend).await;
    // On PostgreSQL two instances write.
    let other = world.neighbour().await;
    let admin = world.admin();
    let survey = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos", "starts_on": "2025-01-06", "ends_on": "2025-06-15",
    });
    let survey = admin
        .post("/v1/surveys", survey)
        .await
        .status(201)
        .header("location")
        .to_owned();
    admin.patch(&survey, "*", json!({"status": "open"})).await.status(200);
    let mut responses = Vec::new();
    for n in 0..32 {
        let made = admin
            .post(&format!("{survey}/responses"), answer(1 + n % 4))
            .await
            .status(201);
        responses.push(made.header("location").to_owned());
    }
    admin
        .patch(&survey, "*", json!({"status": "closed", "reason": "Selesai"}))
        .await
        .status(200);

    // Some writers wait, so that closings come between them.
    let turns = Semaphore::new(6);
    let turn = async |writing: Pin<Box<dyn Future<Output = ()> + '_>>| {
        let _turn = turns.acquire().await.unwrap();
        writing.await;
    };
    let writers = (0..64).map(|n| {
        let actor = match &other {
            Some(other) if n % 2 == 1 => other.admin(),
            _ => world.admin(),
        };
        turn(Box::pin(write(n, actor, responses.clone())))
    });
    let closers = async {
        let mut closings = Vec::new();
        for n in 0..6 {
            let camat = head(if n % 2 == 0 {
                &world
            } else {
                other.as_ref().unwrap_or(&world)
            });
            let reason = format!("Uji {n}");
            let made = insist(async || close(&camat, "2025-S1", Some(&reason)).await).await;
            closings.push(made.status(201).json);
        }
        closings
    };
    let (_, closings) = join(join_all(writers), closers).await;

    let camat = head(&world);
    let mut seen = Vec::new();
    for closing in &closings {
        let (document, _) = files(&camat, closing).await;
        let at = escaped(&closing["closed_at"]);
        for closed in realisations(&document) {
            let code = closed["indicator"]["code"].as_str().unwrap();
            let path = format!("/v1/indicators/{code}/realisations/2025-S1?as_of={at}");
            let computed = camat.get(&path).await.status(200).json;
            assert_eq!(computed, closed, "{code}");
            let records = camat
                .all(&format!(
                    "/v1/indicators/{code}/realisations/2025-S1/explanation/records?as_of={at}&limit=100"
                ))
                .await;
            assert_eq!(
                comparable(records),
                comparable(stored_records(&document, code)),
                "{code}"
            );
            seen.push((code.to_owned(), closed["exact"].to_string()));
        }
    }
    let versions: Vec<i64> = closings.iter().map(|c| c["version"].as_i64().unwrap()).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6]);
    seen.sort();
    seen.dedup();
    assert!(
        seen.len() > 8,
        "the writers did not write between the closings: {seen:?}"
    );
}
