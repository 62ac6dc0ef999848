//! The index of a survey, from answers that went in through the API to the digits that come out.

use iku::access::Role;
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::backend::Backend;
use crate::support::world::{Client, PARINGIN, World, instant};

const ELEMENTS: [&str; 9] = [
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

struct Setting {
    world: World,
    kasi: Client,
    survey: String,
}

impl Setting {
    /// An open survey of the first half of 2025, on 14 March.
    async fn open(backend: Backend) -> Self {
        let world = World::at(backend, "2025-03-14T12:00:00+08:00").await;
        let kasi = world.officer(&["pelayanan-kessos"]);
        let survey = json!({
            "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos", "population": 10,
            "starts_on": "2025-01-01", "ends_on": "2025-06-30",
        });
        let made = kasi.post("/v1/surveys", survey).await.expect(201);
        let survey = made.header("location").to_owned();
        kasi.patch(&survey, "*", json!({"status": "open"})).await.expect(200);
        Self { world, kasi, survey }
    }

    async fn change(&self, patch: Value) {
        self.kasi.patch(&self.survey, "*", patch).await.expect(200);
    }

    async fn answer(&self, answers: Value, respondent: Value) -> Value {
        let body = json!({
            "answers": answers, "answered_at": "2025-03-14T10:15:00+08:00", "service": "ktp", "respondent": respondent,
        });
        let path = format!("{}/responses", self.survey);
        self.kasi.post(&path, body).await.expect(201).json
    }

    /// One response of nine answers.
    async fn nine(&self, answers: [i64; 9]) {
        let answers: Value = ELEMENTS
            .iter()
            .zip(answers)
            .map(|(e, n)| ((*e).to_owned(), json!(n)))
            .collect();
        self.answer(answers, json!(null)).await;
    }

    async fn index(&self) -> Value {
        self.kasi.get(&format!("{}/index", self.survey)).await.expect(200).json
    }

    async fn index_at(&self, as_of: &str) -> Value {
        let path = format!("{}/index?as_of={}", self.survey, as_of.replace('+', "%2B"));
        self.kasi.get(&path).await.expect(200).json
    }

    /// IKU 1 of the year so far.
    async fn iku_1(&self) -> Value {
        let path = "/v1/indicators/paringin-iku-1/realisations/2025-S1";
        self.world.admin().get(path).await.expect(200).json
    }
}

fn element<'a>(index: &'a Value, code: &str) -> &'a Value {
    let elements = index["elements"].as_array().unwrap();
    elements.iter().find(|e| e["code"] == code).unwrap()
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/ikm.json")).unwrap()
}

fn vector(id: &str) -> Value {
    let vectors = vectors();
    let mut all = ["cases", "missing_answers"]
        .into_iter()
        .flat_map(|k| vectors[k].as_array().unwrap());
    all.find(|case| case["id"] == id).unwrap().clone()
}

#[rstest]
#[actix_web::test]
async fn an_index_from_the_first_answer_to_the_end(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
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
    assert_eq!(
        s.index().await["sample"],
        json!({"population": null, "required": null, "reached": null})
    );
}

#[rstest]
#[actix_web::test]
async fn a_missing_answer_lowers_its_element_only(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
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

#[rstest]
#[actix_web::test]
async fn the_published_calculation(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
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

#[rstest]
#[actix_web::test]
async fn grades_change_where_the_regulation_says(
    #[values(Backend::Sqlite, Backend::Postgres)] backend: Backend,
    #[values("K-03", "K-05", "K-06")] case: &str,
) {
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

#[rstest]
#[actix_web::test]
async fn inactive_elements_are_kept_not_counted(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
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
    let index = s.kasi.in_english().get(&path).await.expect(200);
    assert_eq!(index.json["status"], "not_computable");
    assert_eq!(index.json["reason"], "element_unanswered");
    let said = "Nobody answered kompetensi, perilaku, sarana, pengaduan. Collect answers to it, or make it inactive.";
    assert_eq!(index.json["reason_text"], said);
    assert_eq!(element(&index.json, "waktu")["index"], 100);
    assert_eq!(element(&index.json, "sarana")["nrr"], json!(null));
    assert!(index.header("vary").contains("Accept-Language"));
    let indonesian = s.kasi.get(&path).await.expect(200);
    assert!(
        indonesian.json["reason_text"]
            .as_str()
            .unwrap()
            .starts_with("Tidak ada jawaban")
    );
    assert_ne!(index.etag(), indonesian.etag());
    assert_eq!(s.iku_1().await["reason"], "element_unanswered");
}

#[rstest]
#[actix_web::test]
async fn what_was_known_then(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let s = Setting::open(backend).await;
    let six = |n: i64| {
        ELEMENTS
            .map(|e| (e.to_owned(), json!(n)))
            .into_iter()
            .collect::<Value>()
    };
    let false_one = s.answer(six(1), json!({"gender": "laki_laki"})).await;
    s.world.clock.set(instant("2025-03-15T12:00:00+08:00"));
    s.answer(six(4), json!({"gender": "perempuan"})).await;
    s.world.clock.set(instant("2025-03-16T12:00:00+08:00"));
    let path = format!("{}/responses/{}", s.survey, false_one["id"].as_str().unwrap());
    s.kasi.delete(&path, "*").await.expect(204);
    s.world.clock.set(instant("2025-03-20T12:00:00+08:00"));

    let now = s.index().await;
    assert_eq!((&now["respondents"], &now["ikm"]), (&json!(1), &json!(100)));
    for (as_of, respondents, ikm) in [
        ("2025-03-14T23:59:59+08:00", 1, json!(25)),
        ("2025-03-15T23:59:59+08:00", 2, json!(62.5)),
        ("2025-03-16T11:59:59.999999+08:00", 2, json!(62.5)),
        ("2025-03-16T12:00:00+08:00", 1, json!(100)),
        ("2025-03-20T12:00:00+08:00", 1, json!(100)),
    ] {
        let then = s.index_at(as_of).await;
        assert_eq!(
            (&then["respondents"], &then["ikm"]),
            (&json!(respondents), &ikm),
            "{as_of}"
        );
        let path = format!(
            "/v1/indicators/paringin-iku-1/realisations/2025-S1?as_of={}",
            as_of.replace('+', "%2B")
        );
        assert_eq!(
            s.world.admin().get(&path).await.expect(200).json["value"],
            ikm,
            "{as_of}"
        );
    }
    // The survey as it was: over by the day asked about, not yet opened, not yet made.
    s.change(json!({"status": "closed", "ends_on": "2025-03-18"})).await;
    assert_eq!(s.index().await["status"], "computed");
    assert_eq!(s.index_at("2025-03-17T12:00:00+08:00").await["status"], "provisional");
    let index = format!("{}/index", s.survey);
    s.kasi
        .get(&format!("{index}?as_of=2025-03-01T00:00:00Z"))
        .await
        .problem(404, "not_found");
    s.kasi
        .get(&format!("{index}?as_of=2025-03-21T00:00:00Z"))
        .await
        .problem(422, "future_instant");
    s.kasi
        .get(&format!("{index}?as_of=kemarin"))
        .await
        .problem(400, "invalid_query");
}

#[rstest]
#[actix_web::test]
async fn tags_follow_answers_days_and_statuses(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let s = Setting::open(backend).await;
    s.nine([3; 9]).await;
    let path = format!("{}/index", s.survey);
    let mut seen = vec![];
    let tag = |seen: Vec<String>| {
        let (kasi, path) = (s.kasi.clone(), path.clone());
        async move {
            let got = kasi.get(&path).await.expect(200);
            kasi.with("if-none-match", &got.etag()).get(&path).await.expect(304);
            assert!(!seen.contains(&got.etag()));
            [seen, vec![got.etag()]].concat()
        }
    };
    seen = tag(seen).await;
    s.nine([3; 9]).await;
    seen = tag(seen).await;
    s.world.clock.set(instant("2025-03-15T00:00:00+08:00"));
    seen = tag(seen).await;
    s.change(json!({"status": "closed"})).await;
    tag(seen).await;
}

#[rstest]
#[actix_web::test]
async fn small_groups_are_not_given_away(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let s = Setting::open(backend).await;
    let nine: Value = ELEMENTS.map(|e| (e.to_owned(), json!(3))).into_iter().collect();
    let ages = [19, 20, 29, 60];
    for i in 0..16 {
        let respondent = json!({
            "gender": if i < 4 { "laki_laki" } else { "perempuan" },
            "age": ages[i % 4],
            "education": if i < 8 { "sma" } else { "s1" },
        });
        s.answer(nine.clone(), respondent).await;
    }
    let profile = s.index().await["profile"].clone();
    let counts = |list: &str| -> Vec<(String, Value)> {
        let cells = profile[list].as_array().unwrap();
        cells
            .iter()
            .map(|c| (c["code"].as_str().unwrap().to_owned(), c["count"].clone()))
            .collect()
    };
    let shown =
        |list: &str| -> Vec<(String, Value)> { counts(list).into_iter().filter(|(_, n)| !n.is_null()).collect() };
    assert_eq!(counts("gender").len(), 3);
    assert_eq!(shown("gender"), [("perempuan".to_owned(), json!(12))]);
    assert_eq!(shown("age_group"), [("20_29".to_owned(), json!(8))]);
    assert_eq!(
        shown("education"),
        [("sma".to_owned(), json!(8)), ("s1".to_owned(), json!(8))]
    );
    assert_eq!(shown("occupation"), [("unknown".to_owned(), json!(16))]);
}

#[rstest]
#[actix_web::test]
async fn who_may_read_it(#[values(Backend::Sqlite, Backend::Postgres)] backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    let path = format!("{}/index", s.survey);
    s.world.holder(Role::Integrator, None, &[]).get(&path).await.expect(200);
    s.world.stranger().get(&path).await.problem(404, "not_found");
    s.world
        .holder(Role::Surveyor, Some(PARINGIN), &[])
        .get(&path)
        .await
        .problem(403, "insufficient_scope");
    s.world.anonymous().get(&path).await.problem(401, "unauthenticated");
    let nowhere = format!("/v1/surveys/{}/index", Uuid::new_v4());
    s.kasi.get(&nowhere).await.problem(404, "not_found");

    let draft = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos",
        "starts_on": "2025-01-01", "ends_on": "2025-06-30",
    });
    let draft = s.kasi.post("/v1/surveys", draft).await.expect(201);
    let index = s
        .kasi
        .get(&format!("{}/index", draft.header("location")))
        .await
        .expect(200);
    assert_eq!(index.json["status"], "not_computable");
    assert_eq!(index.json["reason"], "no_responses");
    assert_eq!(
        index.json["reason_text"],
        "Survei masih draf. Buka survei, lalu kumpulkan jawaban."
    );
}
