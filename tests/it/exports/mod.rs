//! Exports: their figures equal the API's, their form survives spreadsheets, and only those who may read them do.

mod basic;
mod form;
mod golden;
mod lkjip;
mod registers;
mod roles;
mod sakip;
pub mod workbook;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::world::{Client, Reply};

/// The exports that have both forms, with the query that they need.
const BOTH_FORMS: [&str; 8] = [
    "realisations",
    "completeness",
    "reports",
    "institutions",
    "cases",
    "surveys",
    "responses",
    "ms-ind",
];

/// A row: the cells by their column.
pub type Cells = BTreeMap<String, String>;

/// Returns the text of a CSV without its byte order mark.
fn text(reply: &Reply) -> String {
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8; header=present");
    let body = reply.body.strip_prefix(b"\xef\xbb\xbf").expect("a byte order mark");
    String::from_utf8(body.to_vec()).unwrap()
}

fn rows_of(text: &str, delimiter: u8) -> Vec<Cells> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// Returns the rows of a CSV.
pub async fn rows(client: &Client, path: &str) -> Vec<Cells> {
    rows_of(&text(&client.get(path).await.status(200)), b',')
}

/// Returns a number of the API as a CSV has it; nothing for null.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns the path of an export of the demonstration.
async fn path(admin: &Client, table: &str, format: &str) -> String {
    let query = match table {
        "responses" => format!("?survey_id={}&comments=true", closed_survey(admin).await),
        "realisations" | "lkjip" | "completeness" | "surveys" | "ms-ind" => "?year=2025".to_owned(),
        _ => String::new(),
    };
    format!("/v1/exports/{table}.{format}{query}")
}

/// The id of a survey of the demonstration that has answers.
async fn closed_survey(admin: &Client) -> String {
    let surveys = admin.get("/v1/surveys?status=closed&sort=ends_on").await.status(200);
    surveys.json["items"][0]["id"].as_str().unwrap().to_owned()
}
