//! The difference of a value between two instants: the steps add up to the whole.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{IKU4, NOW, deliver, village};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World, instant};

fn fraction(text: &Value) -> (i128, i128) {
    let (n, d) = text.as_str().unwrap().split_once('/').unwrap();
    (n.parse().unwrap(), d.parse().unwrap())
}

fn sum((a, b): (i128, i128), (c, d): (i128, i128)) -> (i128, i128) {
    let (n, d) = (a * d + c * b, b * d);
    let gcd = (1..=n.abs().max(1).min(d))
        .rev()
        .find(|k| n % k == 0 && d % k == 0)
        .unwrap();
    (n / gcd, d / gcd)
}

/// Returns all steps between two instants, and checks that they lead from the first value to the last.
async fn steps(reader: &Client, value: &str, from: &str, to: &str, limit: usize) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    let encoded = |instant: &str| instant.replace('+', "%2B");
    let ends = loop {
        let path = format!(
            "{value}/difference?from={}&to={}&limit={limit}{cursor}",
            encoded(from),
            encoded(to)
        );
        let page = reader.get(&path).await.status(200).json;
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break [page["from"].clone(), page["to"].clone()],
        }
    };
    for (end, at) in [(&ends[0], from), (&ends[1], to)] {
        let known = reader
            .get(&format!("{value}?as_of={}", encoded(at)))
            .await
            .status(200)
            .json;
        assert_eq!(end["exact"], known["exact"]);
        assert_eq!(end["status"], known["status"]);
    }
    // Each step begins where the step before ended.
    let mut exact = ends[0]["exact"].clone();
    for step in &all {
        assert_eq!(step["exact_before"], exact, "{step}");
        exact = step["exact_after"].clone();
    }
    assert_eq!(exact, ends[1]["exact"]);
    if all.iter().all(|step| !step["effect"].is_null()) && !ends[0]["exact"].is_null() {
        let scale = if ends[0]["indicator"]["unit"] == "percent" {
            100
        } else {
            1
        };
        let in_unit = |end: &Value| {
            let (n, d) = fraction(&end["exact"]);
            sum((n * scale, d), (0, 1))
        };
        let effects = all.iter().map(|step| fraction(&step["effect"])).fold((0, 1), sum);
        assert_eq!(sum(in_unit(&ends[0]), effects), in_unit(&ends[1]));
    }
    all
}

fn causes(steps: &[Value]) -> Vec<&str> {
    steps.iter().map(|step| step["cause"].as_str().unwrap()).collect()
}

/// Moves the clock: what is recorded now is in the past then.
fn wait(world: &World) {
    world.clock.set(world.clock.now() + TimeDelta::minutes(1));
}

#[apply(both_databases)]
async fn records_rules_and_targets_are_steps(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let first = deliver(&admin, "2005", "lppd", 2024, "2025-03-14").await;
    let begin = first["recorded_at"].as_str().unwrap().to_owned();
    let path = format!("/v1/reports/{}", first["id"].as_str().unwrap());
    admin
        .patch(&path, "*", json!({"status": "returned", "reason": "Tidak lengkap"}))
        .await
        .status(200);
    admin.patch(&path, "*", json!({"status": "received"})).await.status(200);
    deliver(&admin, "2006", "lppd", 2024, "2025-03-15").await;
    // A report of the other group is no step.
    deliver(&admin, "2006", "apbdes-s2", 2024, "2025-01-15").await;
    let target = json!({"value": 90, "basis": "Perjanjian Kinerja"});
    admin.put("/v1/indicators/paringin-iku-4/targets/2025-S1", target).await;
    let new = json!({"code": "63.11.06.2098", "district_code": PARINGIN, "kind": "desa", "name": "Desa Baru", "valid_from": "2025-01-01", "reason": "Pemekaran"});
    admin.post("/v1/villages", new).await.status(201);
    admin.delete(&path, "*").await.status(204);
    let end = admin.get(&format!("{path}/versions")).await.status(200).json["items"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()["recorded_at"]
        .clone();
    wait(&world);
    let value = format!("{IKU4}/2025-Q2");
    for limit in [1, 100] {
        let steps = steps(&admin, &value, &begin, end.as_str().unwrap(), limit).await;
        assert_eq!(
            causes(&steps),
            ["record", "record", "record", "target", "rule", "record"]
        );
        let changed = &steps[0]["records"][0];
        assert_eq!(changed["record"]["id"], first["id"]);
        assert_eq!(
            (&changed["before"]["verdict"], &changed["after"]["reason"]),
            (&json!("contributing"), &json!("returned"))
        );
        assert_eq!(steps[0]["effect"], "-25/7");
        assert_eq!(steps[4]["records_changed"], 2);
        assert_eq!(steps[5]["records"][0]["after"]["reason"], "deleted");
    }
}

/// A decree lapses without any request.
#[apply(both_databases)]
async fn the_calendar_is_a_step(backend: Backend) {
    let world = World::on(backend).at("2025-03-01T08:00:00+08:00").await;
    let admin = world.admin();
    let decree = json!({"number": "1", "issued_on": "2020-06-01", "starts_on": "2020-06-01"});
    let rt = json!({"village_code": village("2005"), "kind": "rt", "name": "RT 1", "decrees": [decree]});
    let rt = admin.post("/v1/institutions", rt).await.status(201);
    let begin = rt.json["recorded_at"].as_str().unwrap().to_owned();
    world.clock.set(instant("2025-08-01T08:00:00+08:00"));
    let steps = steps(
        &admin,
        "/v1/indicators/paringin-iku-2/realisations/2025",
        &begin,
        "2025-08-01T08:00:00+08:00",
        25,
    )
    .await;
    assert_eq!(causes(&steps), ["calendar"]);
    // The term of five years has 31 May 2025 as its last day.
    let at: DateTime<Utc> = steps[0]["at"].as_str().unwrap().parse().unwrap();
    assert_eq!(at, instant("2025-06-01T00:00:00+08:00"));
    assert_eq!(
        (&steps[0]["effect"], &steps[0]["records"][0]["record"]["id"]),
        (&json!("-1/1"), &rt.json["id"])
    );
}

#[apply(both_databases)]
async fn answers_are_one_step_for_each_survey(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let survey = async |title: &str| {
        let new = json!({"section": "pelayanan-kessos", "title": title, "questionnaire": "skm-9", "starts_on": "2025-01-01", "ends_on": "2025-06-30", "district_code": PARINGIN});
        let made = admin.post("/v1/surveys", new).await.status(201);
        admin
            .patch(made.header("location"), "*", json!({"status": "open"}))
            .await
            .status(200);
        made.id()
    };
    let (one, other) = (survey("A").await, survey("B").await);
    let answer = async |survey: &str, score: u8| {
        let names = [
            "persyaratan",
            "prosedur",
            "waktu",
            "biaya",
            "produk",
            "kompetensi",
            "perilaku",
            "sarana",
            "pengaduan",
        ];
        let answers: Value = names.iter().map(|name| ((*name).to_owned(), json!(score))).collect();
        let body = json!({"answers": answers, "answered_at": "2025-06-01T08:00:00+08:00"});
        admin
            .post(&format!("/v1/surveys/{survey}/responses"), body)
            .await
            .status(201)
    };
    let first = answer(&one, 4).await;
    answer(&other, 2).await;
    wait(&world);
    let begin = world.clock.now().to_rfc3339();
    wait(&world);
    for _ in 0..3 {
        answer(&one, 3).await;
    }
    answer(&other, 4).await;
    admin.delete(first.header("location"), "*").await.status(204);
    let closed = admin
        .patch(&format!("/v1/surveys/{one}"), "*", json!({"status": "closed"}))
        .await
        .status(200);
    answer(&other, 4).await;
    wait(&world);
    let end = world.clock.now().to_rfc3339();
    let value = "/v1/indicators/paringin-iku-1/realisations/2025-Q2";
    let steps = steps(&admin, value, &begin, &end, 1).await;
    let answers: Vec<_> = steps
        .iter()
        .filter(|step| step["cause"] == "answers")
        .map(|step| &step["answers"])
        .collect();
    let change =
        |survey: &str, counted: u64, voided: u64| json!({"survey_id": survey, "counted": counted, "voided": voided});
    let mut first_two = [change(&one, 3, 1), change(&other, 1, 0)];
    first_two.sort_by_key(|change| change["survey_id"].to_string());
    assert_eq!(
        answers,
        [&first_two[0], &first_two[1], &change(&other, 1, 0)],
        "{closed:?}"
    );
}

#[apply(both_databases)]
async fn a_span_must_be_in_order_and_in_the_past(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let difference = format!("{IKU4}/2025-Q2/difference");
    // From the beginning of the year until now.
    admin.get(&difference).await.status(200);
    let ask = async |from: &str, to: &str| admin.get(&format!("{difference}?from={from}&to={to}")).await;
    ask("2025-06-02T00:00:00Z", "2025-06-01T00:00:00Z")
        .await
        .problem(422, "rule_broken");
    ask("2025-06-01T00:00:00Z", "2025-08-01T00:00:00Z")
        .await
        .problem(422, "future_instant");
    let none = ask("2025-06-01T00:00:00Z", "2025-06-01T00:00:00Z")
        .await
        .status(200)
        .json;
    assert_eq!(none["items"], json!([]));
}
