//! The digits: elements, grades, and the published calculation.

use serde_json::{Value, json};

use super::{ELEMENTS, Setting, element, vector};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::instant;

#[apply(both_databases)]
async fn an_index_from_the_first_answer_to_the_end(backend: Backend) {
    let s = Setting::open(backend).await;
    let empty = s.index().await;
    assert_eq!(empty["status"], "not_computable");
    assert_eq!(
        (&empty["reason"], &empty["ikm"], &empty["grade"]),
        (&json!("no_responses"), &json!(null), &json!(null))
    );
    assert_eq!(element(&empty, "waktu")["answers"], 0);

    // K-09: 8 respondents, 225 points in all: 8 x 27 = 216, and nine answers of 4.
    let case = vector("K-09");
    s.nine([4; 9]).await;
    for _ in 0..7 {
        s.nine([3; 9]).await;
    }
    assert_eq!(case["total_score"], 4 * 9 + 7 * 27);
    let index = s.index().await;
    assert_eq!(index["respondents"], case["respondents"]);
    assert_eq!(index["ikm"], json!(78.13), "{}", case["trap"]);
    assert_eq!(index["exact"], "625/8");
    assert_eq!(index["grade"], json!({"letter": "B", "label": "Baik"}));
    assert_eq!(index["status"], "provisional");
    assert_eq!((&index["reason"], &index["reason_text"]), (&json!(null), &json!(null)));
    let order: Vec<_> = index["elements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["code"].clone())
        .collect();
    assert_eq!(order, ELEMENTS);
    assert_eq!(
        *element(&index, "sarana"),
        json!({
            "code": "sarana", "active": true, "answers": 8, "nrr": 3.125, "weighted_nrr": 0.347, "index": 78.13,
            "grade": {"letter": "B", "label": "Baik"},
        })
    );
    assert_eq!(
        index["sample"],
        json!({"population": 10, "required": 10, "reached": false})
    );
    let iku = s.iku_1().await;
    assert_eq!(
        (&iku["value"], &iku["exact"], &iku["status"]),
        (&json!(78.13), &json!("625/8"), &json!("provisional"))
    );

    // Closed, but not over; over, but open; closed and over.
    s.change(json!({"status": "closed"})).await;
    assert_eq!(s.index().await["status"], "provisional");
    s.world.clock.set(instant("2025-07-01T00:00:00+08:00"));
    assert_eq!(s.index().await["status"], "computed");
    assert_eq!(s.iku_1().await["status"], "computed");
    s.change(json!({"status": "open"})).await;
    assert_eq!(s.index().await["status"], "provisional");
    s.change(json!({"population": null})).await;
    assert_eq!(s.index().await["sample"], Value::Null);
}

#[apply(both_databases)]
async fn a_missing_answer_lowers_its_element_only(backend: Backend) {
    let s = Setting::open(backend).await;
    let case = vector("M-01");
    for answers in case["answers"].as_array().unwrap() {
        s.answer(answers.clone(), json!(null)).await;
    }
    let index = s.index().await;
    assert_eq!(
        index["ikm"].to_string(),
        case["ikm"].as_str().unwrap(),
        "{}",
        case["trap"]
    );
    assert_eq!(element(&index, "biaya")["answers"], 1);
    assert_eq!(element(&index, "biaya")["nrr"], 2);
    assert_eq!(element(&index, "waktu")["answers"], 2);
    assert_eq!(index["grade"]["letter"], "C");
}

#[apply(both_databases)]
async fn the_published_calculation(backend: Backend) {
    let s = Setting::open(backend).await;
    let case = vector("P-01");
    // The counts of each element laid out over the respondents; who gave which does not matter.
    let column = |code: &str| -> Vec<i64> {
        let counts = case["answer_counts"][code].as_object().unwrap();
        counts
            .iter()
            .flat_map(|(score, n)| vec![score.parse().unwrap(); usize::try_from(n.as_u64().unwrap()).unwrap()])
            .collect()
    };
    let columns = ELEMENTS.map(column);
    for person in (0..29).map(|i| columns.each_ref().map(|column| column[i])) {
        s.nine(person).await;
    }
    let index = s.index().await;
    assert_eq!(index["respondents"], 29);
    assert_eq!(index["ikm"].to_string(), case["ikm"].as_str().unwrap());
    assert_eq!(index["grade"], json!({"letter": "A", "label": "Sangat Baik"}));
    for code in ELEMENTS {
        let published: f64 = case["nrr4"][code].as_str().unwrap().parse().unwrap();
        let shown = element(&index, code)["nrr"].as_f64().unwrap();
        assert!(
            (published - shown).abs() <= 0.0005 + 0.00005,
            "{code}: {shown} for {published}"
        );
    }
    assert_eq!(s.iku_1().await["value"], index["ikm"]);
    assert_eq!(s.iku_1().await["exact"], index["exact"]);
}

#[apply(both_databases)]
async fn grades_change_where_the_regulation_says(backend: Backend, #[values("K-03", "K-05", "K-06")] case: &str) {
    let s = Setting::open(backend).await;
    let case = vector(case);
    let (n, total) = (
        case["respondents"].as_i64().unwrap(),
        case["total_score"].as_i64().unwrap(),
    );
    // As even as it goes: every answer is the mean, rounded down or up.
    let cells = n * 9;
    let (low, extra) = (total / cells, total % cells);
    for person in 0..n {
        s.nine(std::array::from_fn(|e| {
            let cell = person * 9 + i64::try_from(e).unwrap();
            low + i64::from(cell < extra)
        }))
        .await;
    }
    let index = s.index().await;
    let shown: f64 = case["ikm"].as_str().unwrap().parse().unwrap();
    assert_eq!(index["ikm"], json!(shown), "{}", case["trap"]);
    assert_eq!(index["grade"]["letter"], case["grade"]);
}

#[apply(both_databases)]
async fn inactive_elements_are_kept_not_counted(backend: Backend) {
    let s = Setting::open(backend).await;
    s.nine([4, 4, 4, 1, 4, 4, 4, 4, 4]).await;
    let with = s.index().await;
    assert_eq!(with["ikm"], json!(91.67));
    s.change(json!({"inactive_elements": ["biaya"]})).await;
    let without = s.index().await;
    assert_eq!(
        (&without["ikm"], &without["grade"]["letter"]),
        (&json!(100), &json!("A"))
    );
    assert_eq!(
        *element(&without, "biaya"),
        json!({
            "code": "biaya", "active": false, "answers": null, "nrr": null, "weighted_nrr": null, "index": null,
            "grade": null,
        })
    );
    assert_eq!(element(&without, "waktu")["weighted_nrr"], json!(0.5));
    // Answers that came while it was inactive count when it is active again.
    s.nine([4, 4, 4, 3, 4, 4, 4, 4, 4]).await;
    s.change(json!({"inactive_elements": null})).await;
    let again = s.index().await;
    assert_eq!(element(&again, "biaya")["answers"], 2);
    assert_eq!(element(&again, "biaya")["nrr"], 2);

    // An element that nobody answers.
    let s = Setting::open(backend).await;
    let five: Value = ELEMENTS[..5].iter().map(|e| ((*e).to_owned(), json!(4))).collect();
    s.answer(five, json!(null)).await;
    let path = format!("{}/index", s.survey);
    let index = s.kasi.in_english().get(&path).await.status(200);
    assert_eq!(index.json["status"], "not_computable");
    assert_eq!(index.json["reason"], "element_unanswered");
    let said = "Nobody answered kompetensi, perilaku, sarana, pengaduan. Collect answers to it, or make it inactive.";
    assert_eq!(index.json["reason_text"], said);
    assert_eq!(element(&index.json, "waktu")["index"], 100);
    assert_eq!(element(&index.json, "sarana")["nrr"], json!(null));
    assert!(index.header("vary").contains("Accept-Language"));
    let indonesian = s.kasi.get(&path).await.status(200);
    assert!(
        indonesian.json["reason_text"]
            .as_str()
            .unwrap()
            .starts_with("Tidak ada jawaban")
    );
    assert_ne!(index.etag(), indonesian.etag());
    assert_eq!(s.iku_1().await["reason"], "element_unanswered");
}
