//! The life of a plan: the next decree, what a change moves, what was made by mistake, and who may do it.

mod effects;
mod next_decree;
mod notices;
mod values_stay;
mod withdrawal;

use serde_json::{Value, json};

use crate::support::world::{Client, PARINGIN};

const DECREES: &str = "/v1/decrees";
const INDICATORS: &str = "/v1/indicators";
const KINDS: &str = "/v1/report-kinds";

fn shipped() -> String {
    format!("{DECREES}/{}", iku::shipped::decree().id)
}

/// The decree after the shipped one, with its indicators.
fn next_decree() -> Value {
    json!({
        "id": "0199d4a3-5b0e-4c6a-9d3e-0a1b2c3d4e27", "district_code": PARINGIN, "number": "12/CPAR/2027",
        "title": "IKU 2027-2030", "issued_on": "2026-11-20", "goal": "Tata kelola yang baik", "first_year": 2027,
        "last_year": 2030, "legal_bases": [], "copy_of": iku::shipped::decree().id,
    })
}

fn with(mut body: Value, changes: Value) -> Value {
    let members = changes.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(members);
    body
}

/// An indicator that somebody tries out under the shipped decree.
fn trial() -> Value {
    json!({
        "code": "coba", "decree_id": iku::shipped::decree().id, "number": 6, "objective": "Sasaran", "name": "Coba",
        "meaning": "Makna", "selection_reason": "Alasan", "formula_text": "Rumus", "reference": "Rujukan",
        "responsible": "Camat", "source": "Seksi PMD", "unit": "count", "polarity": "higher_is_better",
        "formula": {"kind": "institution_count"}, "reason": "Uji coba",
    })
}

/// The texts of a member of each item.
fn texts(items: &[Value], member: &str) -> Vec<String> {
    items
        .iter()
        .map(|item| item[member].as_str().unwrap().to_owned())
        .collect()
}

/// The codes of the indicators in force in a year.
async fn in_force(actor: &Client, year: i32) -> Vec<String> {
    texts(&actor.all(&format!("{INDICATORS}?year={year}")).await, "code")
}
