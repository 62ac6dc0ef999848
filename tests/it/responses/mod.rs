//! Answers: each is stored once and counted until it is voided, and nothing of its sender is shown.

mod batch;
mod bulk;
mod bursts;
mod contention;
mod deciding;
mod discards;
mod envelope;
mod held;
mod intake;
mod leniency;
mod life;
mod many;
mod old_phone;
mod quotas;
mod restoring;
mod rules;
mod spans;

use std::sync::Arc;

use iku::access::{Actor, Role};
use iku::facts::responses::{Acceptance, Quotas, Submission, verify_tallies};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::backend::Backend;
use crate::support::world::{Client, PARINGIN, Reply, World};

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

const BATCH: &str = "/v1/responses/batch";
const HELD: &str = "/v1/held-responses";

/// An answer with the same score for all nine elements.
pub fn answer(score: i64) -> Value {
    let answers: serde_json::Map<_, _> = ELEMENTS.iter().map(|e| ((*e).to_owned(), json!(score))).collect();
    json!({"answers": answers, "answered_at": "2025-03-14T10:15:00+08:00", "service": "ktp"})
}

/// An answer to the first `n` elements.
pub fn partial(n: usize) -> Value {
    let mut response = answer(3);
    response["answers"] = ELEMENTS[..n].iter().map(|e| ((*e).to_owned(), json!(3))).collect();
    response
}

fn with(name: &str, value: Value) -> Value {
    let mut response = answer(3);
    response[name] = value;
    response
}

fn sender(role: Role) -> Arc<Actor> {
    Arc::new(Actor {
        id: Uuid::new_v4(),
        username: "hp-1".to_owned(),
        role,
        district: Some(PARINGIN.to_owned()),
        sections: vec![],
        village: None,
        scopes: vec![],
        session: None,
        token_id: None,
        client_id: None,
        authenticated_at: chrono::DateTime::UNIX_EPOCH,
    })
}

fn incoming(survey_id: Uuid, id: Uuid, score: i64, acceptance: Acceptance) -> Submission {
    incoming_with(answer(score), survey_id, id, acceptance)
}

fn incoming_with(answer: Value, survey_id: Uuid, id: Uuid, acceptance: Acceptance) -> Submission {
    let content = serde_json::from_value(answer).unwrap();
    Submission::new(survey_id, id, content, sender(Role::Surveyor), acceptance).unwrap()
}

fn changed(item: &Value, pointer: &str, value: Value) -> Value {
    let mut item = item.clone();
    *item.pointer_mut(pointer).unwrap() = value;
    item
}

/// The body of a decision.
fn reason() -> Value {
    json!({"reason": "Ponsel baru mendapat sinyal"})
}

pub async fn decide(actor: &Client, held: &Value, decision: &str) -> Reply {
    let path = format!("{HELD}/{}/{decision}", held["id"].as_str().unwrap());
    actor.post(&path, reason()).await
}

/// The outcome of each item of a batch.
fn outcomes(reply: &Reply) -> Vec<&str> {
    let results = reply.json["results"].as_array().unwrap();
    results.iter().map(|r| r["outcome"].as_str().unwrap()).collect()
}

/// The body of a survey of March to June 2025.
fn survey_of(district: &str) -> Value {
    json!({
        "district_code": district, "title": "SKM", "section": "pelayanan-kessos",
        "starts_on": "2025-03-01", "ends_on": "2025-06-30",
    })
}

/// Opens a new survey and returns its path.
async fn open_survey(actor: &Client, survey: Value) -> String {
    let made = actor.post("/v1/surveys", survey).await.status(201);
    let path = made.header("location").to_owned();
    actor.patch(&path, "*", json!({"status": "open"})).await.status(200);
    path
}

/// A survey and the path of its answers.
pub struct Setting {
    pub world: World,
    pub kasi: Client,
    pub phone: Client,
    pub survey: String,
    pub responses: String,
}

impl Setting {
    pub async fn draft(backend: Backend) -> Self {
        Self::of(World::on(backend).at("2025-03-14T12:00:00+08:00").await).await
    }

    /// A survey of phones with these quotas.
    pub async fn with_quotas(backend: Backend, held: u32, daily: u32) -> Self {
        let world = World::on(backend).at("2025-03-14T12:00:00+08:00");
        let setting = Self::of(world.quotas(Quotas { held, daily }).await).await;
        setting.change(json!({"status": "open"})).await;
        setting
    }

    async fn of(world: World) -> Self {
        let kasi = world.officer(&["pelayanan-kessos"]);
        let made = kasi.post("/v1/surveys", survey_of(PARINGIN)).await.status(201);
        let survey = made.header("location").to_owned();
        Self {
            phone: world.holder(Role::Surveyor, Some(PARINGIN), &[]),
            responses: format!("{survey}/responses"),
            world,
            kasi,
            survey,
        }
    }

    pub async fn open(backend: Backend) -> Self {
        let setting = Self::draft(backend).await;
        setting.change(json!({"status": "open"})).await;
        setting
    }

    pub async fn change(&self, patch: Value) {
        self.kasi.patch(&self.survey, "*", patch).await.status(200);
    }

    fn id(&self) -> Uuid {
        self.survey.rsplit('/').next().unwrap().parse().unwrap()
    }

    /// A new item of a batch, with the same score for all elements.
    pub fn item(&self, score: i64) -> Value {
        let mut item = answer(score);
        item["survey_id"] = json!(self.id());
        item["id"] = json!(Uuid::new_v4());
        item
    }

    /// Sends a batch with the right time.
    pub async fn batch(&self, actor: &Client, items: &[Value]) -> Reply {
        let body = json!({"sent_at": self.world.clock.now(), "items": items});
        actor.post("/v1/responses/batch", body).await.status(207)
    }

    /// The newest held answer.
    pub async fn newest(&self) -> Value {
        self.kasi.get(&format!("{HELD}?limit=1")).await.status(200).json["items"][0].clone()
    }

    /// Respondents and index of the survey at an instant, and the realisation of IKU 1.
    async fn results(&self, as_of: Option<&str>) -> (Value, Value, Value) {
        let query = as_of.map_or(String::new(), |t| format!("?as_of={t}"));
        let index = self
            .kasi
            .get(&format!("{}/index{query}", self.survey))
            .await
            .status(200)
            .json;
        let realisation = format!("/v1/indicators/paringin-iku-1/realisations/2025-S1{query}");
        let realisation = self.kasi.get(&realisation).await.status(200).json;
        (
            index["respondents"].clone(),
            index["ikm"].clone(),
            realisation["value"].clone(),
        )
    }

    async fn check_tallies(&self) {
        let db = &self.world.service.db;
        let differences = db.read(async |tx| verify_tallies(tx).await).await.unwrap();
        assert_eq!(differences, []);
    }
}
