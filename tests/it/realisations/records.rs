//! The records behind a value: every candidate with its verdict, deleted ones too, from which the value follows.

use std::collections::BTreeSet;

use iku::access::Role;
use serde_json::{Value, json};

use super::{IKU4, NOW, deliver, twenty_two_reports, village};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, PARINGIN, World, instant};

/// Returns all records behind a value, page by page, and checks that the explanation counts the same.
async fn records(reader: &Client, value: &str) -> Vec<Value> {
    let explanation = reader.get(&format!("{value}/explanation")).await.status(200).json;
    let realisation = reader.get(value).await.status(200).json;
    assert_eq!(explanation["realisation"], realisation);
    let list = explanation["records"].as_str().unwrap();
    assert_eq!(list, format!("{value}/explanation/records"));
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = reader.get(&format!("{list}?limit=20{cursor}")).await.status(200).json;
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let of = |verdict: &str| all.iter().filter(|record| record["verdict"] == verdict).count();
    assert_eq!(explanation["contributing"], of("contributing"));
    assert_eq!(explanation["excluded"], of("excluded"));
    all
}

fn reasons(records: &[Value]) -> Vec<&str> {
    records.iter().filter_map(|record| record["reason"].as_str()).collect()
}

#[apply(both_databases)]
async fn reports_meet_obligations_or_are_left_over(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    twenty_two_reports(&kasi).await;
    let report = deliver(&kasi, "2038", "bpd-kinerja", 2024, "2025-04-14").await;
    let path = format!("/v1/reports/{}", report["id"].as_str().unwrap());
    let value = format!("{IKU4}/2025-Q2");
    assert_eq!(records(&kasi, &value).await.len(), 28);

    // The obligation keeps its deleted report until another report meets it.
    kasi.delete(&path, "*").await.status(204);
    let all = records(&kasi, &value).await;
    let deleted: Vec<_> = all.iter().filter(|record| record["reason"] == "deleted").collect();
    assert_eq!((all.len(), deleted.len()), (28, 1));
    let shown = deleted[0];
    let obligation =
        json!({"village_code": village("2038"), "kind": "bpd-kinerja", "fiscal_year": 2024, "due_on": "2025-04-30"});
    assert_eq!(shown["obligation"], obligation);
    assert_eq!(
        (&shown["amount"], &shown["reason_text"]),
        (&json!(null), &json!("Catatan dihapus."))
    );
    let versions = shown["record"]["href"].as_str().unwrap();
    assert_eq!(
        (versions, &shown["record"]["version"]),
        (&*format!("{path}/versions"), &json!(2))
    );
    let version = kasi.get(versions).await.status(200).json["items"][1].clone();
    assert_eq!(
        (&version["reason"], &version["recorded_at"]),
        (&json!("uji"), &shown["recorded_at"])
    );

    let again = deliver(&kasi, "2038", "bpd-kinerja", 2024, "2025-05-14").await;
    let all = records(&kasi, &value).await;
    let left: Vec<_> = all
        .iter()
        .filter(|record| record["record"]["id"] == report["id"])
        .collect();
    assert_eq!((all.len(), left.len()), (29, 1));
    assert_eq!(
        (&left[0]["obligation"], &left[0]["reason"]),
        (&json!(null), &json!("deleted"))
    );
    let taken = all.iter().find(|record| record["record"]["id"] == again["id"]).unwrap();
    assert_eq!((&taken["amount"], &taken["obligation"]), (&json!("1/1"), &obligation));

    // Numerator and denominator follow from the list.
    let realisation = kasi.get(&value).await.status(200).json;
    let owed = all.iter().filter(|record| !record["obligation"].is_null()).count();
    let delivered = all.iter().filter(|record| record["amount"] == "1/1").count();
    assert_eq!(
        (&realisation["numerator"], &realisation["denominator"]),
        (&json!(delivered), &json!(owed))
    );
}

#[apply(both_databases)]
async fn a_restored_record_was_deleted_for_a_while(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let case = json!({"village_code": village("2005"), "category": "sosial", "occurred_at": "2025-03-14T21:30:00+08:00", "summary": "Balap liar"});
    let case = admin.post("/v1/cases", case).await.status(201);
    let path = format!("/v1/cases/{}", case.id());
    let value = "/v1/indicators/paringin-iku-3/realisations/2025-Q2";
    let mut shown = vec![admin.get(value).await.status(200).json["facts_recorded_at"].clone()];
    admin.delete(&path, "*").await.status(204);
    let deleted = admin.get(&format!("{path}/versions")).await.status(200).json["items"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()["recorded_at"]
        .clone();
    shown.push(admin.get(value).await.status(200).json["facts_recorded_at"].clone());
    let back = json!({"reason": "Bukan ganda"});
    admin.post(&format!("{path}/restorations"), back).await.status(200);
    shown.push(admin.get(value).await.status(200).json["facts_recorded_at"].clone());
    // It passes to another year.
    let moved = json!({"occurred_at": "2024-12-30T21:30:00+08:00", "reason": "Salah tahun"});
    admin.patch(&path, "*", moved).await.status(200);
    shown.push(admin.get(value).await.status(200).json["facts_recorded_at"].clone());

    // A correction, a move and a deletion are recordings: the instant only grows.
    assert_eq!(shown[1], deleted);
    world.clock.set(instant("2025-07-02T08:00:00+08:00"));
    let instants: Vec<&str> = shown.iter().map(|at| at.as_str().unwrap()).collect();
    let times = instants
        .iter()
        .map(|at| at.parse::<chrono::DateTime<chrono::Utc>>().unwrap());
    assert!(times.is_sorted_by(|a, b| a < b), "{instants:?}");
    let at = |instant: &str| format!("{value}/explanation/records?as_of={instant}");
    for (instant, reason) in instants
        .iter()
        .zip([json!("not_handled"), json!("deleted"), json!("not_handled")])
    {
        let known = admin.get(&at(instant)).await.status(200).json;
        assert_eq!(known["items"][0]["reason"], reason, "{instant}");
        let then = admin.get(&format!("{value}?as_of={instant}")).await.status(200).json;
        assert_eq!(then["facts_recorded_at"], *instant);
    }
    let known = admin.get(&at(instants[3])).await.status(200).json;
    assert_eq!(known["items"], json!([]));
    let then = admin
        .get(&format!("{value}?as_of={}", instants[3]))
        .await
        .status(200)
        .json;
    assert_eq!(then["facts_recorded_at"], instants[3]);
}

#[apply(both_databases)]
async fn a_void_is_a_recording(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let survey = json!({"section": "pelayanan-kessos", "title": "SKM", "questionnaire": "skm-9", "starts_on": "2025-01-01", "ends_on": "2025-06-30", "district_code": PARINGIN});
    let survey = admin.post("/v1/surveys", survey).await.status(201).id();
    admin
        .patch(&format!("/v1/surveys/{survey}"), "*", json!({"status": "open"}))
        .await
        .status(200);
    let answers = json!({"persyaratan": 4, "prosedur": 4, "waktu": 4, "biaya": 4, "produk": 4, "kompetensi": 4, "perilaku": 4, "sarana": 4, "pengaduan": 4});
    let body = |n: u32| json!({"id": format!("0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e{n:02}"), "answers": answers, "answered_at": "2025-06-01T08:00:00+08:00"});
    let list = format!("/v1/surveys/{survey}/responses");
    for n in 10..13 {
        admin.post(&list, body(n)).await.status(201);
    }
    let value = "/v1/indicators/paringin-iku-1/realisations/2025-Q2";
    let facts_at = async |as_of: &str| {
        let got = admin.get(&format!("{value}{as_of}")).await.status(200).json;
        got["facts_recorded_at"].as_str().unwrap().to_owned()
    };
    let before = facts_at("").await;
    admin
        .delete(&format!("{list}/0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e12"), "*")
        .await
        .status(204);
    let voided = facts_at("").await;
    assert!(before < voided);
    let record = records(&admin, value).await;
    assert_eq!((record.len(), &record[0]["amount"]), (1, &json!("100/1")));
    let explained = admin.get(&format!("{value}/explanation")).await.status(200).json;
    let counted = &explained["inputs"]["surveys"][0];
    assert_eq!(
        (&counted["respondents"], &counted["voided"], &counted["held"]),
        (&json!(2), &json!(1), &json!(0))
    );
    // The same instant, asked later.
    world.clock.set(instant("2025-07-02T08:00:00+08:00"));
    admin.post(&list, body(13)).await.status(201);
    assert_eq!(facts_at(&format!("?as_of={voided}")).await, voided);
    assert_eq!(facts_at(&format!("?as_of={before}")).await, before);

    // A withdrawn survey is a candidate that does not count.
    admin.delete(&format!("/v1/surveys/{survey}"), "*").await;
    let record = records(&admin, value).await;
    assert_eq!(reasons(&record), ["deleted"]);
}

#[apply(both_databases)]
async fn lists_filter_by_verdict_reason_and_village(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let kasi = world.officer(&["pemerintahan"]);
    twenty_two_reports(&kasi).await;
    let list = format!("{IKU4}/2025-Q2/explanation/records");
    let of_village = format!("village_code={}", village("2038"));
    for (filter, wanted) in [
        ("verdict=contributing", 22),
        ("verdict=excluded", 6),
        ("reason=missing", 6),
        ("reason=returned", 0),
        (&of_village, 2),
        (&format!("{of_village}&verdict=excluded"), 1),
    ] {
        let page = kasi
            .get(&format!("{list}?{filter}&count=true&limit=5"))
            .await
            .status(200)
            .json;
        assert_eq!(page["total"], wanted, "{filter}");
    }
    kasi.get(&format!("{list}?reason=quarantined"))
        .await
        .problem(400, "invalid_query");
}

/// Who may read values reads the same bytes, whatever the role, and no text of a case or a person.
#[apply(both_databases)]
async fn every_role_reads_the_same_records(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    let case = json!({"village_code": village("2005"), "category": "sosial", "occurred_at": "2025-03-14T21:30:00+08:00", "summary": "Rahasia warga"});
    let case = admin.post("/v1/cases", case).await.status(201);
    let events = format!("/v1/cases/{}/events", case.id());
    let verified = json!({"kind": "verified", "at": "2025-03-15T08:00:00+08:00", "note": "Rahasia warga"});
    admin.post(&events, verified).await.status(201);
    let list = "/v1/indicators/paringin-iku-3/realisations/2025/explanation/records";
    let mut bodies = BTreeSet::new();
    for role in [Role::Head, Role::Secretary, Role::Auditor, Role::Integrator] {
        let reader = world.holder(role, Some(PARINGIN), &[]);
        let got = reader.get(list).await.status(200);
        bodies.insert(got.json.to_string());
    }
    assert_eq!(bodies.len(), 1);
    assert!(!bodies.first().unwrap().contains("Rahasia"));
}

#[apply(both_databases)]
async fn choices_show_the_other_reading(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    twenty_two_reports(&admin).await;
    for name in ["RT 1", "RT 2"] {
        let decree = json!({"number": "1", "issued_on": "2018-01-01", "starts_on": "2018-01-01"});
        let rt = json!({"village_code": village("2005"), "kind": "rt", "name": name, "decrees": [decree]});
        admin.post("/v1/institutions", rt).await.status(201);
    }
    let case = |n: u32| json!({"village_code": village("2005"), "category": "sosial", "occurred_at": format!("2025-03-1{n}T21:30:00+08:00"), "summary": "x"});
    admin.post("/v1/cases", case(1)).await.status(201);
    let handled = admin.post("/v1/cases", case(2)).await.status(201);
    let events = format!("/v1/cases/{}/events", handled.id());
    for (kind, day) in [("verified", 15), ("handling", 16), ("resolved", 17)] {
        let event = json!({"kind": kind, "at": format!("2025-03-{day}T08:00:00+08:00")});
        admin.post(&events, event).await.status(201);
    }
    for (indicator, choice, value, exact) in [
        (2, "active_means_in_force", json!(2), "2/1"),
        (3, "not_rejected_counts", json!(100), "1/1"),
        (4, "share_of_reports", json!(57.14), "4/7"),
    ] {
        let path = format!("/v1/indicators/paringin-iku-{indicator}/realisations/2025-Q2/explanation");
        let explanation = admin.get(&path).await.status(200).json;
        let choices = explanation["choices"].as_array().unwrap();
        let with_value: Vec<_> = choices.iter().filter(|choice| !choice["other"].is_null()).collect();
        assert_eq!(with_value.len(), 1, "{indicator}");
        assert_eq!(with_value[0]["code"], choice);
        assert_eq!(
            (&with_value[0]["other"]["value"], &with_value[0]["other"]["exact"]),
            (&value, &json!(exact))
        );
    }
}

#[apply(both_databases)]
async fn the_gap_says_how_many_records_are_missing(backend: Backend) {
    let world = World::on(backend).at(NOW).await;
    let admin = world.admin();
    twenty_two_reports(&admin).await;
    let gap = format!("{IKU4}/2025-Q2/gap");
    admin.get(&gap).await.problem(400, "invalid_query");
    // 22 of 28 are 78.57 percent, 26 of 28 are 92.86.
    let open = admin.get(&format!("{gap}?target=90&limit=4")).await.status(200).json;
    assert_eq!(
        (&open["needed"], &open["reached"], &open["reachable"]),
        (&json!(4), &json!(false), &json!(true))
    );
    assert_eq!(open["text"], "4 dari 6 laporan yang belum disampaikan harus terhitung.");
    assert_eq!(open["items"].as_array().unwrap().len(), 4);
    let next = format!(
        "{gap}?target=90&limit=4&cursor={}",
        open["next_cursor"].as_str().unwrap()
    );
    let rest = admin.get(&next).await.status(200).json["items"].clone();
    assert!(
        rest.as_array().unwrap().iter().all(|item| item["reason"] == "missing"),
        "{rest}"
    );
    let reached = admin.get(&format!("{gap}?target=78.57")).await.status(200).json;
    assert_eq!((&reached["needed"], &reached["reached"]), (&json!(0), &json!(true)));
    // The unrounded value is 78.571...
    let above = admin.get(&format!("{gap}?target=78.58")).await.status(200).json;
    assert_eq!(above["needed"], 1);
    let beyond = admin.get(&format!("{gap}?target=100.01")).await.status(200).json;
    assert_eq!((&beyond["needed"], &beyond["reachable"]), (&json!(7), &json!(false)));
    for wrong in ["x", "1e3", "78.571", "-1"] {
        admin
            .get(&format!("{gap}?target={wrong}"))
            .await
            .problem(400, "invalid_query");
    }
}
