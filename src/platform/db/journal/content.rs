//! The digest of what was written. A later column that may be null does not change the digests of earlier rows.

use aws_lc_rs::digest::{Context, SHA256};
use chrono::SecondsFormat;
use sea_orm::sea_query::Value;
use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable, ModelTrait};
use serde_json::{Map, Value as Json};

use crate::platform::fingerprint::to_hex;

/// It is written later than the rest of its row; `iku verify` compares it with the next version.
const SUPERSEDED_AT: &str = "superseded_at";

/// Returns a row as JSON: its columns by name, without those that are null.
pub fn row_text<M: ModelTrait>(row: &M) -> String {
    let columns = <M::Entity as EntityTrait>::Column::iter();
    let named = columns.map(|column| (column.as_str(), row.get(column)));
    let written = named.filter(|(name, _)| *name != SUPERSEDED_AT);
    let members: Map<String, Json> = written
        .filter_map(|(name, value)| Some((name.to_owned(), json(value)?)))
        .collect();
    Json::Object(members).to_string()
}

/// Returns the key of a row as text: its parts with a slash between.
pub fn key_text<M: ModelTrait>(row: &M, columns: &[<M::Entity as EntityTrait>::Column]) -> String
where
    <M::Entity as EntityTrait>::Column: ColumnTrait,
{
    let parts = columns.iter().filter_map(|column| json(row.get(*column)));
    let parts: Vec<String> = parts
        .map(|part| match part {
            Json::String(text) => text,
            other => other.to_string(),
        })
        .collect();
    parts.join("/")
}

/// Returns the SHA-256 of texts, each ended by a line feed.
pub fn digest_of<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    for text in texts {
        context.update(text.as_bytes());
        context.update(b"\n");
    }
    context.finish().as_ref().to_vec()
}

/// Returns a value that both databases store as JSON; `None`: null.
fn json(value: Value) -> Option<Json> {
    Some(match value {
        Value::Bool(v) => v?.into(),
        Value::SmallInt(v) => v?.into(),
        Value::Int(v) => v?.into(),
        Value::BigInt(v) => v?.into(),
        Value::Bytes(v) => to_hex(&v?).into(),
        Value::Uuid(v) => v?.to_string().into(),
        Value::ChronoDate(v) => v?.to_string().into(),
        Value::ChronoDateTimeUtc(v) => v?.to_rfc3339_opts(SecondsFormat::Micros, true).into(),
        Value::String(v) => v?.to_string().into(),
        other => other.to_string().into(),
    })
}
