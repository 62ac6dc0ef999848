//! The form at the counter: each answer is stored once, nothing of a citizen is refused, and what is doubtful is held.

mod answers;
mod held;
mod office;
mod refused;

use chrono::TimeDelta;
use iku::facts::responses::verify_tallies;
use serde_json::{Value, json};

use super::browser::{Browser, Page, form};
use crate::responses::Setting;
use crate::support::backend::Backend;
use crate::support::world::{Client, Reply};

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
const HELD: &str = "/v1/held-responses";
const LINKS: &str = "/v1/survey-links";

/// An open survey with a link.
struct Counter {
    s: Setting,
    link: Value,
    path: String,
}

impl Counter {
    async fn with(backend: Backend, more: Value) -> Self {
        Self::of(Setting::open(backend).await, more).await
    }

    async fn of(s: Setting, more: Value) -> Self {
        let mut new = json!({"survey_id": s.survey.rsplit('/').next().unwrap(), "name": "Loket KTP"});
        for (name, value) in more.as_object().unwrap() {
            new[name] = value.clone();
        }
        let link = s.kasi.post(LINKS, new).await.status(201).json;
        let path = format!("/s/{}", link["code"].as_str().unwrap());
        Self { s, link, path }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.s.world)
    }

    fn wait(&self, seconds: i64) {
        let clock = &self.s.world.clock;
        clock.set(clock.now() + TimeDelta::seconds(seconds));
    }

    /// Opens the form, reads it for a minute, and sends it with these scores.
    async fn answer(&self, scores: u32) -> Reply {
        let page = self.browser().get(&self.path).await;
        self.wait(61);
        self.browser().send(&self.path, &filled(&page, scores, &[])).await
    }

    async fn held(&self) -> Vec<Value> {
        self.s.kasi.all(HELD).await
    }

    async fn index(&self, query: &str) -> Value {
        let path = format!("{}/index{query}", self.s.survey);
        self.s.kasi.get(&path).await.status(200).json
    }

    async fn counts(&self) -> (Value, Value) {
        let index = self.index("").await;
        (index["respondents"].clone(), index["by_mode"]["self_service"].clone())
    }

    async fn check(&self) {
        let db = &self.s.world.service.db;
        assert_eq!(db.read(async |tx| verify_tallies(tx).await).await.unwrap(), []);
        assert_eq!(crate::journal::findings(db).await, [""; 0]);
    }
}

/// The scores of an answer: its number in base four.
fn scores(number: u32) -> impl Iterator<Item = (&'static str, String)> {
    let digits = (0..9).map(move |place| (number / 4_u32.pow(place) % 4 + 1).to_string());
    ELEMENTS.into_iter().zip(digits)
}

/// The form of a page, filled in.
fn filled(page: &Page, number: u32, more: &[(&str, &str)]) -> String {
    let (id, started) = (page.hidden("id"), page.hidden("started"));
    let scores: Vec<(&str, String)> = scores(number).collect();
    let mut pairs: Vec<(&str, &str)> = vec![("id", &id), ("started", &started)];
    pairs.extend(scores.iter().map(|(name, score)| (*name, score.as_str())));
    pairs.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    pairs.extend(more);
    form(&pairs)
}

fn thanked(reply: Reply) {
    let reply = reply.status(303);
    assert!(
        reply.header("location").contains("/terima-kasih"),
        "{}",
        reply.header("location")
    );
}

/// An answer as the script sends it, given some seconds ago.
fn item(c: &Counter, page: &Page, number: u32, ago: i64) -> Value {
    let answers: serde_json::Map<_, _> = scores(number)
        .map(|(name, score)| (name.to_owned(), json!(score.parse::<i64>().unwrap())))
        .collect();
    let at = c.s.world.clock.now() - TimeDelta::seconds(ago);
    let answer = json!({
        "survey_id": c.link["survey_id"], "id": uuid::Uuid::new_v4(), "answers": answers, "answered_at": at,
    });
    json!({"answer": answer, "started": page.hidden("started"), "seconds": 40})
}

async fn script(c: &Counter, items: &[Value]) -> Reply {
    let body = json!({"sent_at": c.s.world.clock.now(), "items": items});
    own(c).post(&format!("{}/jawaban", c.path), body).await
}

fn own(c: &Counter) -> Client {
    c.s.world.anonymous().with("sec-fetch-site", "same-origin")
}

fn outcomes(reply: &Reply) -> Vec<&str> {
    assert_eq!(reply.status, 207, "{:?}", String::from_utf8_lossy(&reply.body));
    let results = reply.json["results"].as_array().unwrap();
    results.iter().map(|r| r["outcome"].as_str().unwrap()).collect()
}
