//! `Idempotency-Key`: another place for the `id` that makes a creating POST safe to send again. There is one mechanism, so a
//! key that cannot be an id is refused, and never ignored in silence.

use actix_web::http::header::HeaderMap;
use serde_json::Value;
use uuid::Uuid;

use crate::platform::error::{Code, Error};

pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Writes the key into the `id` of a body that has none. 400 if the key is no UUID, or is another id than that of the body.
pub fn apply(headers: &HeaderMap, body: &mut Value) -> Result<(), Error> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY);
    let Some(first) = given.next() else { return Ok(()) };
    // A string of RFC 9651 is in quotation marks, which most clients leave out.
    let key = first.to_str().ok().map(|text| text.trim().trim_matches('"'));
    let key = key
        .and_then(|text| text.parse::<Uuid>().ok())
        .filter(|_| given.next().is_none());
    let Some(key) = key else {
        return Err(invalid(
            "Isi satu UUID, atau kirim UUID itu sebagai `id` di dalam isi permintaan.",
            "Must be one UUID; or send that UUID as `id` in the body.",
        ));
    };
    let Some(members) = body.as_object_mut() else {
        return Ok(());
    };
    match members.get("id") {
        None | Some(Value::Null) => {
            members.insert("id".to_owned(), key.to_string().into());
        }
        // The contract refuses an `id` that is no UUID.
        Some(id) => {
            let id = id.as_str().and_then(|text| text.parse::<Uuid>().ok());
            if id.is_some_and(|id| id != key) {
                return Err(invalid(
                    "Berbeda dari `id` di dalam isi permintaan. Kirim salah satu saja.",
                    "Differs from `id` in the body. Send one of them.",
                ));
            }
        }
    }
    Ok(())
}

fn invalid(id: &'static str, en: &'static str) -> Error {
    Error::new(Code::InvalidHeader)
        .detail(id, en)
        .at(format!("header:{IDEMPOTENCY_KEY}"))
}
