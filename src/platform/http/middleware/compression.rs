//! Compresses the bodies of responses. A compressed body has its own `ETag`.
//!
//! A compressed body is another representation, so its strong `ETag` must differ (RFC 9110 section 8.8.3): `"abc"`
//! becomes `"abc-gzip"` in a response, and `"abc"` again in a request.

use actix_web::body::{BodySize, BoxBody, MessageBody, to_bytes};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_ENCODING, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH, VARY,
};
use actix_web::middleware::Next;
use actix_web::web;

use crate::platform::error::{Code, Error, OrInternal};
use crate::platform::http::shared_body::{MIN_SIZE, gzip, prefers_gzip};

/// Larger bodies (in bytes) are compressed on another thread, because they take milliseconds.
const SMALL: usize = 64 << 10;
const SUFFIX: &str = "-gzip\"";

/// Compresses bodies for callers that accept gzip, adds the encoding to their tags, and removes it from tags in conditions.
pub async fn compression(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let prefers_gzip = prefers_gzip(&req).ok_or_else(|| Error::new(Code::NotAcceptable))?;
    strip_suffix(req.headers_mut(), &IF_MATCH);
    let has_compressed = strip_suffix(req.headers_mut(), &IF_NONE_MATCH);
    let mut res = next.call(req).await?;
    let is_large = matches!(res.response().body().size(), BodySize::Sized(n) if n >= MIN_SIZE as u64);
    let is_compressed = res.headers().contains_key(CONTENT_ENCODING);
    // A 304 has no body, so its size cannot decide: everything with a tag says so, and 304 and 200 have the same `Vary`.
    if is_large || is_compressed || res.headers().contains_key(ETAG) {
        let vary = HeaderValue::from_static("Accept-Encoding");
        res.headers_mut().append(VARY, vary);
    }
    merge_vary(res.headers_mut());
    if !prefers_gzip || !is_large || is_compressed {
        if is_compressed || has_compressed && res.status() == StatusCode::NOT_MODIFIED {
            add_suffix(res.headers_mut());
        }
        return Ok(res.map_into_boxed_body());
    }
    let (req, res) = res.into_parts();
    let (mut res, body) = res.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(parts) => to_bytes(parts)
            .await
            .map_err(|_| Error::internal("a body has no end"))?,
    };
    let body = match body.len() <= SMALL {
        true => gzip(&body)?,
        false => web::block(move || gzip(&body)).await.or_internal()??,
    };
    add_suffix(res.headers_mut());
    let encoding = HeaderValue::from_static("gzip");
    res.headers_mut().insert(CONTENT_ENCODING, encoding);
    Ok(ServiceResponse::new(req, res.set_body(body).map_into_boxed_body()))
}

fn add_suffix(headers: &mut HeaderMap) {
    let tag = headers.get(ETAG).and_then(|value| value.to_str().ok());
    if let Some(start) = tag.and_then(|tag| tag.strip_suffix('"'))
        && let Ok(tag) = HeaderValue::from_str(&format!("{start}{SUFFIX}"))
    {
        headers.insert(ETAG, tag);
    }
}

/// Removes the encoding from the tags of a condition. Returns whether a tag had it.
fn strip_suffix(headers: &mut HeaderMap, name: &HeaderName) -> bool {
    let given = headers.get_all(name).filter_map(|value| value.to_str().ok());
    let given: Vec<String> = given.map(str::to_owned).collect();
    if !given.iter().any(|value| value.contains(SUFFIX)) {
        return false;
    }
    headers.remove(name);
    for value in given {
        if let Ok(value) = HeaderValue::from_str(&value.replace(SUFFIX, "\"")) {
            headers.append(name.clone(), value);
        }
    }
    true
}

/// Merges the `Vary` headers of several layers into one that names each header once.
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
