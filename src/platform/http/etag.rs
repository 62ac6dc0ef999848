//! Strong entity tags and conditional headers.

use std::fmt;
use std::future::{Ready, ready};
use std::hash::{Hash, Hasher};

use actix_web::dev::Payload;
use actix_web::http::header::{self, ETAG, EntityTag, HeaderMap, IF_MATCH, IF_NONE_MATCH};
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
    /// Returns the tag of an instant. A counter would repeat after a restore.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self::of_digest(format!("{:x}", instant.timestamp_micros()))
    }

    /// Returns the tag of a content, or of everything that the content depends on.
    pub fn of(content: &impl Serialize) -> Result<Self, Error> {
        Ok(Self::of_bytes(&fingerprint::canonical_digest(content)?))
    }

    /// Returns the tag of a digest of everything that the content depends on.
    pub fn of_bytes(digest: &[u8]) -> Self {
        // 128 bits tell contents apart; the whole digest would double every conditional request.
        let (head, _) = digest.split_at_checked(16).unwrap_or((digest, &[]));
        Self::of_digest(fingerprint::to_hex(head))
    }

    /// Returns the tag of hexadecimal text that identifies the body.
    pub fn of_digest(hex: impl Into<String>) -> Self {
        Self(EntityTag::new_strong(hex.into()))
    }

    /// Returns whether `If-None-Match` names this tag, so that 304 is the right status. `allow_any`: `*` names it too;
    /// set it only if the content exists.
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
    /// A member is not an ETag. It matches no version; actix's own parser would skip it.
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
                "If-Match must have the ETag in quotation marks as it was received, or *.",
            ),
            false => error.detail(
                "Data sudah diubah orang lain. Ambil yang terbaru, lalu ulangi perubahan.",
                "Someone else has changed this record. Fetch the latest version and try again.",
            ),
        })
    }

    /// Returns 412 unless the caller has read what a response shows. Content without a tag matches `*` only.
    pub fn check_response(&self, headers: &HeaderMap) -> Result<(), Error> {
        let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok()?.parse().ok());
        match tag {
            None if matches!(self.tags, header::IfMatch::Any) => Ok(()),
            tag => self.check(&ETag(tag.unwrap_or_else(|| EntityTag::new_weak(String::new())))),
        }
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

    /// Reads one tag, as a form has it; `None`: it is empty.
    pub fn of(tag: &str) -> Option<Self> {
        let mut headers = HeaderMap::new();
        let value = header::HeaderValue::from_str(tag)
            .ok()
            .filter(|value| !value.is_empty())?;
        headers.insert(IF_MATCH, value);
        Self::parse(&headers)
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

/// The longest condition of a write, in characters. A longer `If-Match` names no version.
const LONGEST_CONDITION: usize = 200;

/// Documents the header for `params(IfMatch)`.
impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "ETag of the version that was read, or `*`. Stale: 412; absent: 428.";
        vec![documented("If-Match", Required::True, about)]
    }
}

/// The conditions of a PUT: `If-Match` is needed to replace, not to create; `If-None-Match: *` only creates.
#[derive(Clone, Debug, Default)]
pub struct PutConditions {
    pub if_match: Option<IfMatch>,
    if_none_match: HeaderMap,
}

impl PutConditions {
    /// Returns the conditions of a request that replaces a record.
    pub fn replacing(if_match: IfMatch) -> Self {
        Self {
            if_match: Some(if_match),
            ..Self::default()
        }
    }

    /// Returns 412 if `If-None-Match` excludes the version that there is.
    pub fn ensure_none(&self, current: &ETag) -> Result<(), Error> {
        if !current.matches_if_none_match(&self.if_none_match, true) {
            return Ok(());
        }
        Err(Error::new(Code::PreconditionFailed).detail(
            "Data ini sudah ada; If-None-Match melarang menggantinya.",
            "There is a version already; If-None-Match forbids to replace it.",
        ))
    }
}

impl IntoParams for PutConditions {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "ETag of the version to replace, or `*`. Stale, or nothing to replace: 412; absent when there is a version to replace: 428.";
        let none = "`*`: only create. If there is a version to replace: 412.";
        vec![
            documented("If-Match", Required::False, about),
            documented("If-None-Match", Required::False, none),
        ]
    }
}

impl FromRequest for PutConditions {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut if_none_match = HeaderMap::new();
        for value in req.headers().get_all(IF_NONE_MATCH) {
            if value.len() > LONGEST_CONDITION {
                let error = Error::new(Code::InvalidHeader).detail(
                    format!("If-None-Match paling panjang {LONGEST_CONDITION} karakter."),
                    format!("If-None-Match has at most {LONGEST_CONDITION} characters."),
                );
                return ready(Err(error.at("header:If-None-Match")));
            }
            if_none_match.append(IF_NONE_MATCH, value.clone());
        }
        ready(Ok(Self {
            if_match: IfMatch::parse(req.headers()),
            if_none_match,
        }))
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(IfMatch::required(IfMatch::parse(req.headers())))
    }
}

fn documented(name: &str, required: Required, about: &str) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(matches!(required, Required::True).then_some(1))
        .max_length(Some(LONGEST_CONDITION));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(about))
        .schema(Some(schema))
        .example(Some("*".into()))
        .build()
}
