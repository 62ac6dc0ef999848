//! Responses that are made once and sent many times.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use serde::Serialize;

use super::etag::ETag;
use super::response::REVALIDATE;
use crate::platform::error::Error;

/// Returns 304. `translated`: the body has text in the language of the caller.
pub fn not_modified(tag: &ETag, translated: bool) -> HttpResponse {
    with_tag(StatusCode::NOT_MODIFIED, tag, translated).finish()
}

/// A serialised body with its headers, to be cached and sent again.
#[derive(Clone, Debug)]
pub struct CachedResponse {
    tag: ETag,
    translated: bool,
    next: Option<HeaderValue>,
    body: Bytes,
}

impl CachedResponse {
    /// `translated`: the body has text in the language of the caller. `next`: the link to the next page.
    pub fn new(tag: ETag, translated: bool, next: Option<HeaderValue>, thing: &impl Serialize) -> Result<Self, Error> {
        Ok(Self {
            tag,
            translated,
            next,
            // The body can stay in a cache, so drop the unused capacity of the vector.
            body: serde_json::to_vec(thing)
                .map_err(Error::internal)?
                .into_boxed_slice()
                .into(),
        })
    }

    /// Returns 200 with the body, or 304 if the caller has it.
    pub fn respond(&self, headers: &HeaderMap) -> HttpResponse {
        if self.tag.matches_if_none_match(headers, true) {
            return not_modified(&self.tag, self.translated);
        }
        let mut response = with_tag(StatusCode::OK, &self.tag, self.translated);
        response.content_type(ContentType::json());
        if let Some(next) = &self.next {
            response.insert_header((header::LINK, next.clone()));
        }
        response.body(self.body.clone())
    }

    /// Returns about how much memory it takes, in bytes.
    pub fn size(&self) -> u64 {
        let bytes = size_of::<Self>() + self.body.len() + self.next.as_ref().map_or(0, HeaderValue::len);
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

fn with_tag(status: StatusCode, tag: &ETag, translated: bool) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::ETAG, tag.to_string()))
        .insert_header((header::CACHE_CONTROL, REVALIDATE));
    if translated {
        response.insert_header((header::VARY, HeaderValue::from_static("Accept-Language")));
    }
    response
}

/// Returns 200 with content that is the same for everybody, or 304. Every cache may store it, but must ask again before
/// use.
pub fn public(req: &HttpRequest, tag: &ETag, media: &str, body: Bytes) -> HttpResponse {
    let known = tag.matches_if_none_match(req.headers(), true);
    let mut response = HttpResponse::build(if known {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    });
    response
        .insert_header((header::ETAG, tag.to_string()))
        .insert_header((header::CACHE_CONTROL, "public, no-cache"));
    match known {
        true => response.finish(),
        false => response.content_type(media).body(body),
    }
}
