//! Public-order cases: reported, followed event by event, corrected, and counted.

mod life;
mod list;
mod place;
mod returning;
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

/// A case of the district whose village is not known.
fn nowhere(district: &str) -> Value {
    json!({"district_code": district, "category": "lingkungan", "occurred_at": "2025-03-14T21:30:00+08:00",
        "summary": "Perahu tanpa lampu di Sungai Balangan"})
}

/// An event with the members that its kind needs.
fn event(kind: &str, at: &str) -> Value {
    let mut event = json!({"kind": kind, "at": at});
    match kind {
        "referred" => event["referred_to"] = json!("Polsek Paringin"),
        "receipt_added" => event["receipt"] = json!("STPL/12/III/2025"),
        "withdrawn" => event["note"] = json!("Salah pilih"),
        _ => {}
    }
    event
}

/// Records a case and returns its path.
async fn recorded(actor: &Client, body: Value) -> String {
    let made = actor.post(CASES, body).await.status(201);
    made.header("location").to_owned()
}
