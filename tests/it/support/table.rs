//! Tables of requests: a test reports every row that fails, not only the first one.
//!
//! ```ignore
//! assert_bodies_refused(&kasi, "POST", "/v1/reports", [
//!     (with("kind", json!("lppdd")), 422, "unknown_reference", "#/kind"),
//! ]).await;
//! ```

use serde_json::Value;

use super::client::{Client, Reply};

/// The body of a request without a body.
pub const NONE: Value = Value::Null;

/// Checks that a problem with this status, code and pointer is the reply to each body. An empty pointer means any pointers.
pub async fn assert_bodies_refused(
    client: &Client,
    method: &str,
    path: &str,
    rows: impl IntoIterator<Item = (Value, u16, &str, &str)>,
) {
    let mut failures = Vec::new();
    for (body, status, code, pointer) in rows {
        let reply = client.request(method, path, body.clone()).await;
        let failure = reply.unless_refused(status, code, pointer);
        failures.extend(failure.map(|failure| format!("{body}: {failure}")));
    }
    assert!(failures.is_empty(), "{method} {path}: {failures:#?}");
}

/// Checks that a problem with this status and code is the reply to each request.
pub async fn assert_refused(rows: &[(&Client, &str, &str, Value, u16, &str)]) {
    let mut failures = Vec::new();
    for (row, (client, method, path, body, status, code)) in rows.iter().enumerate() {
        let reply = client.request(method, path, body.clone()).await;
        let failure = reply.unless_refused(*status, code, "");
        failures.extend(failure.map(|failure| format!("row {row}: {method} {path}: {failure}")));
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

impl Client {
    /// Sends a request by the name of its method. PATCH and DELETE carry `If-Match: *`, DELETE also a reason.
    async fn request(&self, method: &str, path: &str, body: Value) -> Reply {
        match method {
            "POST" => self.post(path, body).await,
            "PUT" => self.put(path, body).await,
            "PATCH" => self.patch(path, "*", body).await,
            "DELETE" => self.delete(path, "*").await,
            other => self.send(other, path, "", vec![]).await,
        }
    }

    /// Returns every item of a list whose first page was read before, page by page.
    pub async fn rest(&self, list: &str, first: &Reply) -> Vec<Value> {
        let mut items = first.json["items"].as_array().unwrap().clone();
        let mut next = first.json["next_cursor"].as_str().map(str::to_owned);
        while let Some(cursor) = next {
            let page = self.get(&format!("{list}&cursor={cursor}")).await.status(200).json;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            next = page["next_cursor"].as_str().map(str::to_owned);
        }
        items
    }
}

impl Reply {
    /// Returns a description of the reply, unless it is a problem with this status, code and pointer. An empty pointer means
    /// any pointers.
    pub fn unless_refused(&self, status: u16, code: &str, pointer: &str) -> Option<String> {
        self.unless_problem(status, code).or_else(|| {
            let is_expected = pointer.is_empty() || self.pointers() == [pointer];
            (!is_expected).then(|| format!("{:?} instead of {pointer}", self.pointers()))
        })
    }
}
