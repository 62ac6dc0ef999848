//! Strong entity tags and the conditions made of them.

use std::fmt;
use std::future::{Ready, ready};
use std::hash::{Hash, Hasher};

use actix_web::dev::Payload;
use actix_web::http::header::{self, EntityTag, HeaderMap, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;

/// A strong entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(EntityTag);

impl ETag {
    /// Made of an instant, never of a counter: a counter repeats after a restore.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self::of_digest(format!("{:x}", instant.timestamp_micros()))
    }

    /// Made of the content itself, or of all that the content depends on.
    pub fn of(content: &impl Serialize) -> Result<Self, Error> {
        Ok(Self::of_bytes(&fingerprint::of(content)?))
    }

    /// Made of a digest of all that the content depends on.
    pub fn of_bytes(digest: &[u8]) -> Self {
        // 128 bits tell contents apart; the whole digest would double every conditional request.
        let (head, _) = digest.split_at_checked(16).unwrap_or((digest, &[]));
        Self::of_digest(fingerprint::to_hex(head))
    }

    /// Made of hexadecimal text that identifies the body.
    pub fn of_digest(hex: impl Into<String>) -> Self {
        Self(EntityTag::new_strong(hex.into()))
    }

    /// Returns whether `If-None-Match` names this tag, so that 304 is the right status. `allow_any`: `*` names it too;
    /// that needs proof that the content exists.
    pub fn matches_if_none_match(&self, headers: &HeaderMap, allow_any: bool) -> bool {
        let values = headers.get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
        values
            .flat_map(|value| value.split(','))
            .any(|member| match member.trim() {
                "*" => allow_any,
                tag => tag.parse::<EntityTag>().is_ok_and(|tag| tag.weak_eq(&self.0)),
            })
    }
}

impl Hash for ETag {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.tag().hash(state);
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `If-Match`: the version that the caller has read. Absent: 428.
#[derive(Clone, Debug)]
pub struct IfMatch {
    tags: header::IfMatch,
    /// A member is no ETag. It matches no version; actix's own parser would skip it.
    malformed: bool,
}

impl IfMatch {
    /// `If-Match: *`: any current version.
    pub fn any() -> Self {
        Self {
            tags: header::IfMatch::Any,
            malformed: false,
        }
    }

    /// Returns 412 unless the caller has read the current version.
    pub fn check(&self, current: &ETag) -> Result<(), Error> {
        let matches = match &self.tags {
            header::IfMatch::Any => true,
            header::IfMatch::Items(tags) => tags.iter().any(|tag| tag.strong_eq(&current.0)),
        };
        if matches {
            return Ok(());
        }
        let error = Error::new(Code::PreconditionFailed);
        Err(match self.malformed {
            true => error.detail(
                "If-Match harus berisi ETag dalam tanda kutip seperti yang diterima, atau *.",
                "If-Match must hold the ETag in quotation marks as it was received, or *.",
            ),
            false => error.detail(
                "Data sudah diubah orang lain. Ambil yang terbaru, lalu ulangi perubahan.",
                "Someone else has changed this record. Fetch the latest version and try again.",
            ),
        })
    }

    /// Reads the header, if there is one.
    pub fn parse(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(IF_MATCH).peekable();
        values.peek()?;
        let members = values.flat_map(|value| value.to_str().unwrap_or("not text").split(',').map(str::trim));
        let (mut tags, mut malformed) = (Vec::new(), false);
        for member in members.filter(|m| !m.is_empty()) {
            match member.parse() {
                _ if member == "*" => return Some(Self::any()),
                Ok(tag) => tags.push(tag),
                Err(_) => malformed = true,
            }
        }
        Some(Self {
            malformed: malformed || tags.is_empty(),
            tags: header::IfMatch::Items(tags),
        })
    }

    /// Returns 428 when the header is absent.
    pub fn required(given: Option<Self>) -> Result<Self, Error> {
        given.ok_or_else(|| {
            Error::new(Code::PreconditionRequired).detail(
                "Kirim If-Match dengan ETag dari data yang dibaca.",
                "Send If-Match with the ETag of the version that you have read.",
            )
        })
    }
}

/// How `params(IfMatch)` documents the header.
impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "ETag of the version that was read, or `*`. Stale: 412; absent: 428.";
        vec![documented(Required::True, about)]
    }
}

/// `If-Match` of a PUT: needed to replace, not to create.
#[derive(Clone, Debug)]
pub struct OptionalIfMatch(pub Option<IfMatch>);

impl IntoParams for OptionalIfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "ETag of the version to replace, or `*`. Stale, or nothing to replace: 412; absent when there is a version to replace: 428.";
        vec![documented(Required::False, about)]
    }
}

impl FromRequest for OptionalIfMatch {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(IfMatch::parse(req.headers()))))
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(IfMatch::required(IfMatch::parse(req.headers())))
    }
}

fn documented(required: Required, about: &str) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(200));
    ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(about))
        .schema(Some(schema))
        .build()
}
