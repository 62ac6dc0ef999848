//! Responses that are made once and sent many times.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use serde::Serialize;

use super::etag::ETag;
use super::response::with_etag;
use super::shared_body::SharedBody;
use crate::platform::error::{Error, OrInternal};
use crate::platform::fingerprint;
use crate::platform::text::Lang;

/// Returns 304. `translated`: the body has text in the language of the caller. `next`: the link to the next page.
pub fn not_modified(tag: &ETag, translated: bool, next: Option<&HeaderValue>) -> HttpResponse {
    with_tag(StatusCode::NOT_MODIFIED, tag, translated, next).finish()
}

/// A serialised body with its headers, to be cached and sent again.
#[derive(Clone, Debug)]
pub struct CachedResponse {
    tag: ETag,
    lang: Option<Lang>,
    next: Option<HeaderValue>,
    body: SharedBody,
}

impl CachedResponse {
    /// `lang`: the language of the text in the body. `next`: the link to the next page.
    pub fn new(
        tag: ETag,
        lang: Option<Lang>,
        next: Option<HeaderValue>,
        thing: &impl Serialize,
    ) -> Result<Self, Error> {
        Ok(Self {
            tag,
            lang,
            next,
            // The body can stay in a cache, so drop the unused capacity of the vector.
            body: SharedBody::new(serde_json::to_vec(thing).or_internal()?.into_boxed_slice()),
        })
    }

    /// Returns 200 with the body, or 304 if the caller has it.
    pub fn respond(&self, req: &HttpRequest) -> HttpResponse {
        if self.tag.matches_if_none_match(req.headers(), true) {
            return not_modified(&self.tag, self.lang.is_some(), self.next.as_ref());
        }
        let mut response = with_tag(StatusCode::OK, &self.tag, self.lang.is_some(), self.next.as_ref());
        response.content_type(ContentType::json());
        if let Some(lang) = self.lang {
            response.insert_header((header::CONTENT_LANGUAGE, lang.tag()));
        }
        self.body.send(req, &mut response)
    }

    /// Returns its approximate memory in bytes.
    pub fn size(&self) -> u64 {
        let bytes = size_of::<Self>() + self.body.size() + self.next.as_ref().map_or(0, HeaderValue::len);
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

fn with_tag(status: StatusCode, tag: &ETag, translated: bool, next: Option<&HeaderValue>) -> HttpResponseBuilder {
    let mut response = with_etag(status, tag);
    if translated {
        response.insert_header((header::VARY, "Accept-Language"));
    }
    if let Some(next) = next {
        response.insert_header((header::LINK, next.clone()));
    }
    response
}

/// A file or a page that is the same for all callers.
#[derive(Clone, Debug)]
pub struct PublicFile {
    tag: ETag,
    media: Cow<'static, str>,
    body: SharedBody,
}

impl PublicFile {
    pub fn new(media: impl Into<Cow<'static, str>>, body: impl Into<Bytes>) -> Self {
        let (media, body) = (media.into(), SharedBody::new(body));
        Self {
            tag: ETag::of_digest(fingerprint::sha256_hex(body.plain())),
            media,
            body,
        }
    }

    /// Returns 200 with the body, or 304 if the caller has it. Every cache may store it, but must ask again before use.
    pub fn respond(&self, req: &HttpRequest) -> HttpResponse {
        let is_known = self.tag.matches_if_none_match(req.headers(), true);
        let mut response = with_etag(
            if is_known {
                StatusCode::NOT_MODIFIED
            } else {
                StatusCode::OK
            },
            &self.tag,
        );
        response.insert_header((header::CACHE_CONTROL, "public, no-cache"));
        match is_known {
            true => response.finish(),
            false => self.body.send(req, response.content_type(&*self.media)),
        }
    }
}
