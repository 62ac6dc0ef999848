//! The index of a survey: the tests send answers through the API and compare the figures.

mod body;
mod field;
mod figures;
mod privacy;
mod profile;
mod reading;

use serde_json::{Value, json};

use crate::support::backend::Backend;
use crate::support::world::{Client, PARINGIN, World};

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
    /// Opens a survey of the first half of 2025, on 14 March.
    async fn open(backend: Backend) -> Self {
        let world = World::on(backend).at("2025-03-14T12:00:00+08:00").await;
        let kasi = world.officer(&["pelayanan-kessos"]);
        let survey = open_survey(&kasi).await;
        Self { world, kasi, survey }
    }

    /// Replaces the survey by another open survey, without answers.
    async fn open_next_survey(&mut self) {
        self.survey = open_survey(&self.kasi).await;
    }

    async fn change(&self, patch: Value) {
        self.kasi.patch(&self.survey, "*", patch).await.status(200);
    }

    async fn answer(&self, answers: Value, respondent: Value) -> Value {
        let body = json!({
            "answers": answers, "answered_at": "2025-03-14T10:15:00+08:00", "service": "ktp", "respondent": respondent,
        });
        let path = format!("{}/responses", self.survey);
        self.kasi.post(&path, body).await.status(201).json
    }

    /// Sends one response with an answer to all nine elements.
    async fn nine(&self, answers: [i64; 9]) {
        let answers: Value = ELEMENTS
            .iter()
            .zip(answers)
            .map(|(e, n)| ((*e).to_owned(), json!(n)))
            .collect();
        self.answer(answers, json!(null)).await;
    }

    async fn index(&self) -> Value {
        self.kasi.get(&format!("{}/index", self.survey)).await.status(200).json
    }

    async fn index_at(&self, as_of: &str) -> Value {
        let path = format!("{}/index?as_of={}", self.survey, as_of.replace('+', "%2B"));
        self.kasi.get(&path).await.status(200).json
    }

    /// Returns IKU 1 of the first half of 2025.
    async fn iku_1(&self) -> Value {
        let path = "/v1/indicators/paringin-iku-1/realisations/2025-S1";
        self.world.admin().get(path).await.status(200).json
    }
}

async fn open_survey(kasi: &Client) -> String {
    let survey = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos", "population": 10,
        "starts_on": "2025-01-01", "ends_on": "2025-06-30",
    });
    let made = kasi.post("/v1/surveys", survey).await.status(201);
    let path = made.header("location").to_owned();
    kasi.patch(&path, "*", json!({"status": "open"})).await.status(200);
    path
}

fn element<'a>(index: &'a Value, code: &str) -> &'a Value {
    let elements = index["elements"].as_array().unwrap();
    elements.iter().find(|e| e["code"] == code).unwrap()
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors/ikm.json")).unwrap()
}

fn vector(id: &str) -> Value {
    let vectors = vectors();
    let mut all = ["cases", "missing_answers"]
        .into_iter()
        .flat_map(|k| vectors[k].as_array().unwrap());
    all.find(|case| case["id"] == id).unwrap().clone()
}
