//! Imports: sheets are judged row by row, and recorded whole or not at all, by the rules of their resources.

mod rights;
mod roundtrip;
mod rows;
mod sizes;
mod workbooks;

use serde_json::Value;

use crate::support::world::{Client, Reply};

/// Sends a CSV.
async fn send(client: &Client, resource: &str, mode: &str, csv: impl Into<String>) -> Reply {
    let path = format!("/v1/imports?resource={resource}&mode={mode}");
    client.send("POST", &path, "text/csv", csv.into().into_bytes()).await
}

/// Sends a CSV without recording it, and returns the response.
async fn dry_run(client: &Client, resource: &str, csv: impl Into<String>) -> Value {
    send(client, resource, "dry_run", csv).await.status(200).json
}

/// Records a CSV, and returns the response.
async fn apply_all(client: &Client, resource: &str, csv: impl Into<String>) -> Value {
    send(client, resource, "apply", csv).await.status(200).json
}

/// Returns `row outcome` of each row, with `column code` of each error.
fn outcomes(import: &Value) -> Vec<String> {
    let of_row = |row: &Value| {
        let errors = row["errors"].as_array().into_iter().flatten();
        let errors: Vec<String> = errors
            .map(|e| {
                format!(
                    " {} {}",
                    e["column"].as_str().unwrap_or("-"),
                    e["code"].as_str().unwrap()
                )
            })
            .collect();
        format!("{} {}{}", row["row"], row["outcome"].as_str().unwrap(), errors.concat())
    };
    import["rows"].as_array().unwrap().iter().map(of_row).collect()
}

/// Returns the numbers of rows to create, that are the same, that change, and that are wrong.
fn counts(import: &Value) -> [u64; 4] {
    ["create", "same", "change", "error"].map(|name| import["summary"][name].as_u64().unwrap())
}
