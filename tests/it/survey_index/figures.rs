//! The figures of the index: missing answers, grades, inactive elements, and the published calculation.

use serde_json::{Value, json};

use super::{ELEMENTS, Setting, element, vector};
use crate::support::backend::{Backend, apply, both_databases};

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
async fn the_index_equals_the_published_calculation(backend: Backend) {
    let s = Setting::open(backend).await;
    let case = vector("P-01");
    // The source has only the counts of each element, so give the scores to the respondents in any order.
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
async fn grades_change_at_the_bounds_of_the_regulation(backend: Backend) {
    let mut s = Setting::open(backend).await;
    for case in ["K-03", "K-05", "K-06"].map(vector) {
        s.open_next_survey().await;
        let respondents = case["respondents"].as_i64().unwrap();
        let total = case["total_score"].as_i64().unwrap();
        // Every answer is the mean, rounded down or up.
        let cells = respondents * 9;
        let (low, extra) = (total / cells, total % cells);
        for person in 0..respondents {
            s.nine(std::array::from_fn(|e| {
                let cell = person * 9 + i64::try_from(e).unwrap();
                low + i64::from(cell < extra)
            }))
            .await;
        }
        let index = s.index().await;
        let expected: f64 = case["ikm"].as_str().unwrap().parse().unwrap();
        assert_eq!(index["ikm"], json!(expected), "{}", case["trap"]);
        assert_eq!(index["grade"]["letter"], case["grade"]);
    }
}

#[apply(both_databases)]
async fn answers_to_inactive_elements_count_when_they_are_active_again(backend: Backend) {
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
    // An answer that was received while the element was inactive counts too.
    s.nine([4, 4, 4, 3, 4, 4, 4, 4, 4]).await;
    s.change(json!({"inactive_elements": null})).await;
    let again = s.index().await;
    assert_eq!(element(&again, "biaya")["answers"], 2);
    assert_eq!(element(&again, "biaya")["nrr"], 2);
}

#[apply(both_databases)]
async fn an_element_without_answers_makes_the_index_not_computable(backend: Backend) {
    let s = Setting::open(backend).await;
    let five: Value = ELEMENTS[..5].iter().map(|e| ((*e).to_owned(), json!(4))).collect();
    s.answer(five, json!(null)).await;
    let path = format!("{}/index", s.survey);
    let index = s.kasi.in_english().get(&path).await.status(200);
    assert_eq!(index.json["status"], "not_computable");
    assert_eq!(index.json["reason"], "element_unanswered");
    let text =
        "There are no answers to kompetensi, perilaku, sarana, pengaduan. Collect answers, or make them inactive.";
    assert_eq!(index.json["reason_text"], text);
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
