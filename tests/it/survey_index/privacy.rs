//! Aggregates stay aggregates: an integrator, to whom raw answers are forbidden, cannot rebuild them from the index,
//! nor from the explanation of IKU 1.

use chrono::{DateTime, TimeDelta, Utc};
use iku::access::Role;
use serde_json::{Value, json};

use super::{ELEMENTS, Setting};
use crate::support::backend::{Backend, apply, both_databases};
use crate::support::world::{Client, instant};

const RESPONDENTS: usize = 60;
const EXPLANATION: &str = "/v1/indicators/paringin-iku-1/realisations/2025-S1/explanation";
const MOMENT: TimeDelta = TimeDelta::microseconds(1);

async fn result_at(client: &Client, path: &str, at: DateTime<Utc>) -> Value {
    let at = at.format("%Y-%m-%dT%H:%M:%S%.6fZ");
    client.get(&format!("{path}?as_of={at}")).await.status(200).json
}

async fn assert_refused(client: &Client, path: &str, at: DateTime<Utc>) {
    let at = at.format("%Y-%m-%dT%H:%M:%S%.6fZ");
    let refused = client
        .get(&format!("{path}?as_of={at}"))
        .await
        .problem(422, "rule_broken");
    let detail = refused.json["detail"].as_str().unwrap();
    assert!(detail.contains("23:59:59.999999"), "{detail}");
}

/// The nine scores of a respondent.
fn scores(person: usize) -> [usize; 9] {
    std::array::from_fn(|e| (person * 7 + e * 3) % 4 + 1)
}

/// Sends the answers of 60 respondents, one each 11 minutes, and returns their instants.
async fn sixty_respondents(s: &Setting) -> Vec<DateTime<Utc>> {
    let mut instants = Vec::new();
    for person in 0..RESPONDENTS {
        s.world.clock.set(s.world.clock.now() + TimeDelta::minutes(11));
        let answers = ELEMENTS.iter().zip(scores(person));
        let answers: Value = answers
            .map(|(code, score)| ((*code).to_owned(), json!(score)))
            .collect();
        let gender = ["laki_laki", "perempuan"][person % 2];
        let education = ["sd", "sma", "s1"][person % 3];
        let occupation = ["pns", "swasta"][person / 5 % 2];
        let respondent = json!({
            "gender": gender, "age": 18 + person, "education": education, "occupation": occupation,
        });
        s.answer(answers, respondent).await;
        instants.push(s.world.clock.now());
    }
    s.world.clock.set(instant("2025-03-20T12:00:00+08:00"));
    instants
}

/// Returns the number of respondents whose scores and statements follow from two responses.
fn rebuilt(seen: &[Value]) -> usize {
    let pairs = seen.windows(2).filter(|pair| {
        let by = |index: &Value| index["respondents"].as_u64().unwrap();
        by(&pair[1]) == by(&pair[0]) + 1 && !pair[0]["profile"].is_null() && !pair[1]["profile"].is_null()
    });
    pairs.count()
}

#[apply(both_databases)]
async fn no_respondent_follows_from_two_indices(backend: Backend) {
    let s = Setting::open(backend).await;
    let instants = sixty_respondents(&s).await;
    let sakip = s.world.holder(Role::Integrator, None, &[]);
    let index = format!("{}/index", s.survey);
    let mut seen = Vec::new();
    for status in ["open", "closed"] {
        if status == "closed" {
            s.change(json!({"status": status})).await;
        }
        for at in &instants {
            for at in [*at, *at - MOMENT] {
                assert_refused(&sakip, &index, at).await;
                // An officer reads the answers themselves.
                assert!(!result_at(&s.kasi, &index, at).await["profile"].is_null());
            }
        }
        for day in 14..20 {
            let end = instant(&format!("2025-03-{day}T23:59:59.999999+08:00"));
            let index = result_at(&sakip, &index, end).await;
            assert_eq!(index["profile"], Value::Null);
            seen.push(index);
        }
    }
    assert_eq!(rebuilt(&seen), 0, "of {RESPONDENTS}");
    // The same attack with the officer's responses finds differences, so the attack itself works.
    let mut officers = Vec::new();
    for at in &instants {
        officers.push(result_at(&s.kasi, &index, *at).await);
    }
    assert_eq!(rebuilt(&officers), RESPONDENTS - 1);
}

/// Returns the sums of the nine elements of the one survey.
fn sums(explanation: &Value) -> Vec<usize> {
    let elements = explanation["inputs"]["surveys"][0]["elements"]
        .as_array()
        .into_iter()
        .flatten();
    elements
        .map(|element| element["sum"].as_u64().unwrap() as usize)
        .collect()
}

#[apply(both_databases)]
async fn no_scores_follow_from_two_explanations(backend: Backend) {
    let s = Setting::open(backend).await;
    let instants = sixty_respondents(&s).await;
    let sakip = s.world.holder(Role::Integrator, None, &[]);
    for (person, at) in instants.iter().enumerate().skip(1) {
        for at in [*at, *at - MOMENT] {
            assert_refused(&sakip, EXPLANATION, at).await;
        }
        // The same attack with an officer's responses finds the scores, so the attack itself works.
        let before = sums(&result_at(&s.kasi, EXPLANATION, *at - MOMENT).await);
        let after = sums(&result_at(&s.kasi, EXPLANATION, *at).await);
        let between: Vec<usize> = after.iter().zip(before).map(|(after, before)| after - before).collect();
        assert_eq!(between, scores(person), "respondent {person}");
    }
}

#[apply(both_databases)]
async fn the_profile_is_shown_to_all_after_the_survey_is_closed(backend: Backend) {
    let s = Setting::open(backend).await;
    sixty_respondents(&s).await;
    let sakip = s.world.holder(Role::Integrator, None, &[]);
    let path = format!("{}/index", s.survey);
    for (status, is_shown) in [("open", false), ("closed", true)] {
        if status == "closed" {
            s.change(json!({"status": status})).await;
        }
        let index = sakip.get(&path).await.status(200).json;
        assert_eq!(!index["profile"].is_null(), is_shown, "{status}");
        // The responses of one caller are never sent to the other.
        let officers = s.index().await;
        assert_eq!(officers["profile"]["gender"][2]["count"], Value::Null);
        assert!(officers["profile"]["gender"].is_array());
        assert_eq!(sakip.get(&path).await.status(200).json, index);
    }
}

#[apply(both_databases)]
async fn only_the_last_microsecond_of_a_past_day_is_its_end(backend: Backend) {
    let s = Setting::open(backend).await;
    s.nine([3; 9]).await;
    s.world.clock.set(instant("2025-03-20T12:00:00+08:00"));
    let sakip = s.world.holder(Role::Integrator, None, &[]);
    for (as_of, status) in [
        ("2025-03-19T23:59:59.999999+08:00", 200),
        ("2025-03-19T15:59:59.999999Z", 200),
        ("2025-03-19T23:59:59+08:00", 422),
        ("2025-03-19T23:59:59.999998+08:00", 422),
        ("2025-03-19T23:59:59.9999995+08:00", 422),
        ("2025-03-20T00:00:00+08:00", 422),
        ("2025-03-19T23:59:59.999999Z", 422),
        ("2025-03-20T23:59:59.999999+08:00", 422),
    ] {
        for path in [&format!("{}/index", s.survey), EXPLANATION] {
            let path = format!("{path}?as_of={}", as_of.replace('+', "%2B"));
            assert_eq!(sakip.get(&path).await.status, status, "{path}");
        }
    }
    // Realisations stay exact.
    let realisation = "/v1/indicators/paringin-iku-1/realisations/2025-S1?as_of=2025-03-14T12:00:01%2B08:00";
    assert_eq!(sakip.get(realisation).await.status(200).json["value"], json!(75));
}
