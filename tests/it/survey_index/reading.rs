//! Reading the index: past instants, tags, small groups, and roles.

use iku::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ELEMENTS, Setting};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::table::{NONE, assert_refused};
use crate::support::world::{PARINGIN, instant};

#[apply(both_databases)]
async fn as_of_returns_the_index_that_was_known_then(backend: Backend) {
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
    s.kasi.delete(&path, "*").await.status(204);
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
            s.world.admin().get(&path).await.status(200).json["value"],
            ikm,
            "{as_of}"
        );
    }
    // The survey too has its state of that instant: not closed yet, or not created yet.
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

#[apply(both_databases)]
async fn the_tag_changes_with_answers_days_and_statuses(backend: Backend) {
    let s = Setting::open(backend).await;
    s.nine([3; 9]).await;
    let path = format!("{}/index", s.survey);
    let mut seen = vec![];
    let tag = |seen: Vec<String>| {
        let (kasi, path) = (s.kasi.clone(), path.clone());
        async move {
            let got = kasi.get(&path).await.status(200);
            kasi.with("if-none-match", &got.etag()).get(&path).await.status(304);
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

#[apply(both_databases)]
async fn small_groups_are_hidden(backend: Backend) {
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
    // The hidden counts sum below 5, so the smallest shown count is hidden too, or all that are equal.
    assert_eq!(shown("gender"), []);
    assert_eq!(shown("age_group"), [("20_29".to_owned(), json!(8))]);
    assert_eq!(shown("education"), []);
    assert_eq!(shown("occupation"), []);
}

#[apply(both_databases)]
async fn rejects_other_districts_and_roles(backend: Backend) {
    let s = Setting::open(backend).await;
    s.world.load_regency().await;
    let path = &format!("{}/index", s.survey);
    let nowhere = &format!("/v1/surveys/{}/index", Uuid::new_v4());
    let phone = s.world.holder(Role::Surveyor, Some(PARINGIN), &[]);
    assert_refused(&[
        (&s.world.stranger(), "GET", path, NONE, 404, "not_found"),
        (&phone, "GET", path, NONE, 403, "insufficient_scope"),
        (&s.world.anonymous(), "GET", path, NONE, 401, "unauthenticated"),
        (&s.kasi, "GET", nowhere, NONE, 404, "not_found"),
    ])
    .await;
    let sakip = s.world.holder(Role::Integrator, None, &[]);
    sakip.get(path).await.status(200);
}

#[apply(both_databases)]
async fn a_draft_has_no_index_and_says_what_to_do(backend: Backend) {
    let s = Setting::open(backend).await;
    let draft = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos",
        "starts_on": "2025-01-01", "ends_on": "2025-06-30",
    });
    let draft = s.kasi.post("/v1/surveys", draft).await.status(201);
    let path = format!("{}/index", draft.header("location"));
    let index = s.kasi.get(&path).await.status(200).json;
    assert_eq!(index["status"], "not_computable");
    assert_eq!(index["reason"], "no_responses");
    assert_eq!(
        index["reason_text"],
        "Survei masih draf. Buka survei, lalu kumpulkan jawaban."
    );
}
