//! The register of village institutions: recorded, renewed, corrected, and who is active when.

mod active;
mod life;

use serde_json::{Value, json};

use crate::support::world::{BALANG, Client};

const NOW: &str = "2025-06-30T09:00:00+08:00";

/// Not a version 4: any UUID will do.
const DECREE: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn term(starts_on: &str) -> Value {
    json!({"number": "141/07/KPTS-BLG/2023", "issued_on": "2020-01-01", "starts_on": starts_on})
}

fn rt(name: &str, decrees: Value) -> Value {
    json!({"village_code": BALANG, "kind": "rt", "name": name, "decrees": decrees})
}

async fn record(actor: &Client, body: Value) -> String {
    let made = actor.post("/v1/institutions", body).await.status(201);
    made.header("location").to_owned()
}
