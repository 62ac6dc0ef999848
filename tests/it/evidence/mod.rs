//! Evidence: files that are stored by their hash, and their links to records.

mod behind_values;
mod files;
mod links;
mod sweeping;

use iku::access::Role;
use iku::platform::fingerprint::sha256_hex;
use serde_json::{Value, json};

use crate::support::world::{BALANG, Client, PARINGIN, Reply, World};

pub const NOW: &str = "2025-07-20T09:00:00+08:00";
const PDF: &str = "application/pdf";
const TARGET: &str = "/v1/indicators/paringin-iku-4/targets/2025-S1";

pub fn pdf(text: &str) -> Vec<u8> {
    format!("%PDF-1.7\n{text}\n%%EOF\n").into_bytes()
}

pub fn place(bytes: &[u8]) -> String {
    format!("/v1/evidence/{}", sha256_hex(bytes))
}

/// Sends a file under its own hash.
pub async fn send(client: &Client, media: &str, bytes: &[u8]) -> Reply {
    client.send("PUT", &place(bytes), media, bytes.to_vec()).await
}

/// Links a file to a record.
pub async fn link(client: &Client, record: &str, bytes: &[u8], name: &str) -> Reply {
    let link = json!({"sha256": sha256_hex(bytes), "file_name": name});
    client.post(&format!("{record}/evidence"), link).await
}

/// The names of the files in the folder of evidence.
pub fn stored(world: &World) -> Vec<String> {
    let entries = world.service.evidence.entries().unwrap().into_iter();
    let mut names: Vec<String> = entries.map(|e| e.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

pub async fn report(client: &Client) -> String {
    let report = json!({"village_code": BALANG, "kind": "lppd", "fiscal_year": 2024, "delivered_on": "2025-03-14"});
    recorded(client, "/v1/reports", report).await
}

async fn recorded(client: &Client, list: &str, body: Value) -> String {
    let made = client.post(list, body).await.status(201);
    made.header("location").to_owned()
}

/// One record of each kind, by the path of its evidence without the end, and the section that writes it.
async fn records(world: &World) -> Vec<(String, &'static str)> {
    let admin = world.admin();
    let institution = json!({
        "village_code": BALANG, "kind": "lpm", "name": "LPM Balang",
        "decrees": [{"number": "141/07/2023", "issued_on": "2023-01-02", "starts_on": "2023-01-02"}],
    });
    let made = admin.post("/v1/institutions", institution).await.status(201);
    let decree = made.json["decrees"][0]["id"].as_str().unwrap();
    let decree = format!("{}/decrees/{decree}", made.header("location"));
    let case = json!({
        "village_code": BALANG, "category": "sosial", "occurred_at": "2025-03-14T21:30:00+08:00", "summary": "Balap liar",
    });
    let survey = json!({
        "district_code": PARINGIN, "title": "SKM", "section": "pelayanan-kessos", "questionnaire": "skm-9",
        "starts_on": "2025-04-01", "ends_on": "2025-06-30",
    });
    admin.put(TARGET, json!({"value": 90})).await.status(201);
    vec![
        (report(&admin).await, "pemerintahan"),
        (decree, "pmd"),
        (recorded(&admin, "/v1/cases", case).await, "trantibum"),
        (recorded(&admin, "/v1/surveys", survey).await, "pelayanan-kessos"),
        (TARGET.to_owned(), ""),
    ]
}

fn holder(world: &World, role: Role) -> Client {
    world.holder(role, Some(PARINGIN), &[])
}
