//! Public-order cases: reported, followed event by event, corrected, and counted.

mod life;
mod list;
mod rules;

use serde_json::{Value, json};

use crate::support::world::{BALANG, Client};

const CASES: &str = "/v1/cases";
const NOW: &str = "2025-06-30T09:00:00+08:00";

fn waste() -> Value {
    json!({"village_code": BALANG, "category": "lingkungan", "occurred_at": "2025-03-14T21:30:00+08:00",
        "summary": "Pembakaran sampah di dekat permukiman"})
}

fn with(name: &str, value: &str) -> Value {
    let mut case = waste();
    case[name] = json!(value);
    case
}

fn event(kind: &str, at: &str) -> Value {
    json!({"kind": kind, "at": at})
}

/// Records a case and returns its path.
async fn recorded(actor: &Client, body: Value) -> String {
    let made = actor.post(CASES, body).await.status(201);
    made.header("location").to_owned()
}
