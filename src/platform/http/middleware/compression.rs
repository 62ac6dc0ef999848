//! Two layers around actix's `Compress`: small bodies are not compressed, and compressed bodies have an `ETag` of their own.
//!
//! A compressed body is another representation, so its strong `ETag` must differ (RFC 9110 section 8.8.3): `"abc"` becomes
//! `"abc-gzip"` in an answer, and `"abc"` again in a request.

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_ENCODING, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, VARY,
};
use actix_web::middleware::Next;

/// Below this many bytes a body is sent as it is: compressing costs more than it saves.
const MIN_SIZE: u64 = 1024;
const ENCODINGS: [&str; 2] = ["gzip", "deflate"];

/// Inside of `Compress`: keeps small bodies as they are.
pub async fn skip_small_bodies(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut res = next.call(req).await?;
    match res.response().body().size() {
        BodySize::Sized(n) if n >= MIN_SIZE => {
            res.headers_mut()
                .append(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        BodySize::Stream => {}
        _ => {
            let identity = HeaderValue::from_static("identity");
            res.headers_mut().insert(CONTENT_ENCODING, identity);
        }
    }
    Ok(res)
}

/// Outside of `Compress`: adds the encoding to the tags of compressed bodies, and removes it from those of conditions.
pub async fn suffix_etags(
    mut req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    strip_suffix(req.headers_mut(), &IF_MATCH);
    let known = strip_suffix(req.headers_mut(), &IF_NONE_MATCH);
    let mut res = next.call(req).await?;
    let status = res.status();
    let headers = res.headers_mut();
    let applied = headers.get(CONTENT_ENCODING).and_then(|v| v.to_str().ok());
    let applied = ENCODINGS.into_iter().find(|e| applied == Some(e));
    if applied.is_none() {
        headers.remove(CONTENT_ENCODING);
    }
    let suffix = if status == StatusCode::NOT_MODIFIED {
        known
    } else {
        applied
    };
    if let Some(encoding) = suffix
        && let Some(tag) = headers.get(ETAG).and_then(|v| v.to_str().ok())
        && let Some(body) = tag.strip_suffix('"')
        && let Ok(tag) = HeaderValue::from_str(&format!("{body}-{encoding}\""))
    {
        headers.insert(ETAG, tag);
    }
    merge_vary(headers);
    Ok(res)
}

/// Removes the encodings from the tags of a condition; returns which one it found.
fn strip_suffix(headers: &mut HeaderMap, name: &HeaderName) -> Option<&'static str> {
    let given = headers.get_all(name).filter_map(|v| v.to_str().ok());
    let given: Vec<String> = given.map(str::to_owned).collect();
    let found = ENCODINGS
        .into_iter()
        .find(|e| given.iter().any(|v| v.contains(&format!("-{e}\""))))?;
    headers.remove(name);
    for value in given {
        let value = ENCODINGS.iter().fold(value, |v, e| v.replace(&format!("-{e}\""), "\""));
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(name.clone(), value);
        }
    }
    Some(found)
}

/// Makes one `Vary` that names each header once: several layers add one of their own.
pub fn merge_vary(headers: &mut HeaderMap) {
    if headers.get_all(VARY).count() < 2 {
        return;
    }
    let mut names: Vec<String> = Vec::new();
    for value in headers.get_all(VARY).filter_map(|v| v.to_str().ok()) {
        for name in value.split(',').map(str::trim) {
            if !names.iter().any(|n| n.eq_ignore_ascii_case(name)) {
                names.push(name.to_owned());
            }
        }
    }
    if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
        headers.insert(VARY, value);
    }
}
