//! Strong entity tags and the conditions made of them.

use std::fmt;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;

/// A strong entity tag, quotes included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// Made of an instant, never of a counter: a counter repeats after a restore.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self(format!("\"{:x}\"", instant.timestamp_micros()))
    }

    /// Made of the content itself, or of all that the content depends on.
    pub fn of(content: &impl Serialize) -> Result<Self, Error> {
        Ok(Self::of_bytes(&fingerprint::of(content)?))
    }

    /// Made of a digest of all that the content depends on.
    pub fn of_bytes(digest: &[u8]) -> Self {
        // 128 bits tell contents apart; the whole digest would double every conditional request.
        let (head, _) = digest.split_at_checked(16).unwrap_or((digest, &[]));
        Self::of_digest(&fingerprint::to_hex(head))
    }

    /// Made of anything that identifies the body; hexadecimal text.
    pub fn of_digest(hex: &str) -> Self {
        Self(format!("\"{hex}\""))
    }

    /// Does `If-None-Match` name this tag (so that 304 is the answer)?
    pub fn is_known_to(&self, headers: &HeaderMap) -> bool {
        tags(headers, &IF_NONE_MATCH).any(|t| t == "*" || self.matches(t))
    }

    /// The same, but for `*`: before it is known whether there is anything at all.
    pub fn is_named_by(&self, headers: &HeaderMap) -> bool {
        tags(headers, &IF_NONE_MATCH).any(|t| self.matches(t))
    }

    /// Weak comparison, as RFC 9110 section 13.1.2 has it for `If-None-Match`.
    fn matches(&self, other: &str) -> bool {
        other.trim_start_matches("W/") == self.0
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `If-Match`: the version the caller read. Absent: 428.
#[derive(Clone, Debug)]
pub struct IfMatch(Vec<String>);

impl IfMatch {
    /// `If-Match: *`: whichever version is current.
    pub fn any() -> Self {
        Self(vec!["*".to_owned()])
    }

    /// 412 unless the thing is still the one the caller read.
    pub fn check(&self, current: &ETag) -> Result<(), Error> {
        if self.0.iter().any(|t| t == "*" || *t == current.0) {
            return Ok(());
        }
        Err(Error::new(Code::PreconditionFailed).detail(
            "Data sudah diubah orang lain. Ambil yang terbaru, lalu ulangi perubahan.",
            "Somebody changed it meanwhile. Get the newest one, then make the change again.",
        ))
    }

    /// The header of a request, if it has one (a PUT that creates needs none).
    pub fn optional(req: &HttpRequest) -> Option<Self> {
        let headers = req.headers();
        let given = || tags(headers, &IF_MATCH).map(str::to_owned).collect();
        headers.contains_key(&IF_MATCH).then(|| IfMatch(given()))
    }

    /// 428 when there is none.
    pub fn required(given: Option<Self>) -> Result<Self, Error> {
        given.ok_or_else(|| {
            Error::new(Code::PreconditionRequired).detail(
                "Kirim If-Match dengan ETag dari data yang dibaca.",
                "Send If-Match with the ETag of what was read.",
            )
        })
    }
}

/// How `params(IfMatch)` documents the header.
impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "ETag of what was read, or `*`. Stale: 412; absent: 428.";
        vec![documented(Required::True, about)]
    }
}

/// `If-Match` of a PUT: needed to replace, not to create.
#[derive(Clone, Debug)]
pub struct OptionalIfMatch(pub Option<IfMatch>);

impl IntoParams for OptionalIfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "ETag of what is replaced, or `*`. Stale, or nothing there: 412; absent though it replaces: 428.";
        vec![documented(Required::False, about)]
    }
}

impl FromRequest for OptionalIfMatch {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(IfMatch::optional(req))))
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

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(IfMatch::required(IfMatch::optional(req)))
    }
}

/// The members of a condition header.
fn tags<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(str::trim)
        .filter(|t| !t.is_empty())
}
