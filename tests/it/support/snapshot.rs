//! Bodies of replies as inline snapshots, with ids and instants redacted.
//!
//! ```ignore
//! assert_body!(reply, @"");
//! ```
//!
//! `cargo insta test --review` writes the snapshot into the test.

use chrono::DateTime;
use serde_json::Value;
use uuid::Uuid;

/// Compares the body of a reply with the snapshot beside it.
macro_rules! assert_body {
    ($reply:expr, @$snapshot:literal) => {{
        let body = $crate::support::snapshot::redacted(&$reply.json);
        // A test on both databases evaluates the same snapshot twice.
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(body, @$snapshot)
        }
    }};
}
pub(crate) use assert_body;

/// Returns the value with `[id]` in place of each UUID and `[instant]` in place of each instant, also in the segments of
/// a path.
pub fn redacted(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redacted_text(text)),
        Value::Array(items) => items.iter().map(redacted).collect(),
        Value::Object(members) => members.iter().map(|(k, v)| (k.clone(), redacted(v))).collect(),
        other => other.clone(),
    }
}

fn redacted_text(text: &str) -> String {
    let is_instant = |part: &str| DateTime::parse_from_rfc3339(part).is_ok();
    if is_instant(text) {
        return "[instant]".to_owned();
    }
    text.split('/')
        .map(|part| if Uuid::try_parse(part).is_ok() { "[id]" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}
