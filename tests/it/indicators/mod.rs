//! Indicators: the five of the shipped decree, corrections from a year on, and the next decree.

mod life;
mod wordings;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::world::{Client, World};

const NOW: &str = "2025-06-30T09:00:00+08:00";

const DECREE: &str = "7093d703-b7e6-4f9e-9448-cdcb9994e3b1";

const INDICATORS: &str = "/v1/indicators";

const IKU_1: &str = "/v1/indicators/paringin-iku-1";

const IKU_4: &str = "/v1/indicators/paringin-iku-4";

/// A sixth indicator under the shipped decree.
fn sixth() -> Value {
    json!({
        "code": "paringin-iku-6", "decree_id": DECREE, "number": 6, "objective": "Sasaran", "name": "Nama",
        "meaning": "Makna", "selection_reason": "Alasan", "formula_text": "Rumus", "reference": "Rujukan",
        "responsible": "Camat", "source": "Seksi PMD", "unit": "count", "polarity": "higher_is_better",
        "formula": {"kind": "institution_count"}, "reason": "Lampiran keputusan",
    })
}

fn sixth_with(name: &str, value: Value) -> Value {
    let mut body = sixth();
    body[name] = value;
    body
}

/// The decree after the shipped one.
async fn next_decree(world: &World, district: &str) -> Uuid {
    let body = json!({
        "district_code": district, "number": "1/2026", "title": "IKU 2027-2031", "issued_on": "2026-12-01",
        "goal": "Tujuan", "first_year": 2027, "last_year": 2031, "legal_bases": [],
    });
    let made = world.admin().post("/v1/decrees", body).await.status(201);
    made.id().parse().unwrap()
}

async fn codes(actor: &Client, query: &str) -> Vec<String> {
    let items = actor.all(&format!("/v1/indicators{query}")).await;
    items.iter().map(|i| i["code"].as_str().unwrap().to_owned()).collect()
}
