//! The register of village institutions: recorded, renewed, corrected, and counted while they are active.

mod active;
mod life;
mod names;
mod revocations;
mod rules;
mod transfers;

use serde_json::{Value, json};

use crate::support::world::{BALANG, Client};

const INSTITUTIONS: &str = "/v1/institutions";
const NOW: &str = "2025-06-30T09:00:00+08:00";

/// A UUID of version 7, because clients may choose any version.
const DECREE: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn term(starts_on: &str) -> Value {
    json!({"number": "141/07/KPTS-BLG/2023", "issued_on": "2020-01-01", "starts_on": starts_on})
}

fn rt(name: &str, decrees: Value) -> Value {
    json!({"village_code": BALANG, "kind": "rt", "name": name, "decrees": decrees})
}

/// Records an institution and returns its path.
async fn recorded(actor: &Client, body: Value) -> String {
    let made = actor.post(INSTITUTIONS, body).await.status(201);
    made.header("location").to_owned()
}
