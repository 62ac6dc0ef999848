//! `application/problem+json` (RFC 9457) for every error, the framework's included.

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::request_context::RequestContext;
use crate::platform::error::{Code, Error, FieldError};
use crate::platform::text::{Lang, Text};

/// What went wrong, by RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// URI reference that names the kind of problem.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", max_length = 100, example = "/problems/invalid_body")]
    pub kind: String,
    /// Short, the same for every problem of this kind; in the caller's language.
    #[schema(max_length = 200, example = "Isi permintaan tidak sesuai kontrak")]
    pub title: String,
    #[schema(minimum = 400, maximum = 599, example = 400)]
    pub status: u16,
    /// What happened this time and what to do; in the caller's language.
    #[schema(
        max_length = 2000,
        example = "Perbaiki bagian yang disebut di bawah, lalu kirim lagi."
    )]
    pub detail: String,
    /// The path that was asked for.
    #[schema(format = "uri-reference", max_length = 2000, example = "/v1/reports")]
    pub instance: String,
    /// Stable code for machines.
    #[schema(max_length = 64, example = "invalid_body")]
    pub code: String,
    /// Every field at fault.
    #[schema(max_items = 1000)]
    pub errors: Vec<ProblemField>,
    /// The id of this request, as in the log and in `X-Request-Id`.
    #[schema(max_length = 128, example = "0b6f7d9e-3f0e-4c57-9a31-6c1f0e3c2b11")]
    pub request_id: String,
    /// RFC 6749 error code, on the token endpoint only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, nullable = false, example = "invalid_grant")]
    pub error: Option<String>,
    /// RFC 6749 error description, on the token endpoint only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 2000,
        nullable = false,
        example = "Username, password, token or code is not valid"
    )]
    pub error_description: Option<String>,
}

/// One field at fault.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemField {
    /// JSON pointer into the body (`#/delivered_on`), or `query:limit`, `path:id`, `header:If-Match`.
    #[schema(max_length = 1000, example = "#/delivered_on")]
    pub pointer: String,
    /// Stable code of this fault.
    #[schema(max_length = 64, example = "format")]
    pub code: String,
    /// In the caller's language.
    #[schema(max_length = 2000, example = "Bukan tanggal yang sah (YYYY-MM-DD).")]
    pub detail: String,
}

impl ProblemField {
    pub fn of(error: &FieldError, lang: Lang) -> Self {
        Self {
            pointer: truncate(&error.pointer, 1000),
            code: error.code.as_str().to_owned(),
            detail: truncate(error.detail.in_lang(lang), 2000),
        }
    }
}

/// At most `limit` characters of a text that may repeat the request, without NUL: the contract promises that no text has
/// it.
fn truncate(text: &str, limit: usize) -> String {
    let plain = |c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().take(limit).map(plain).collect()
}

const TOKEN_PATH: &str = "/v1/auth/token";

/// The response for an error, in the language of the request. The error is logged here.
pub fn render(error: &Error, context: &RequestContext) -> HttpResponse {
    error.log();
    let lang = context.lang;
    let title = error.code.title();
    let errors = listed(&error.errors, lang, &mut { MAX_FAULTS_BYTES });
    let detail = detail(error, errors.len());
    let oauth = context.path == TOKEN_PATH;
    let problem = Problem {
        kind: format!("/problems/{}", error.code.as_str()),
        title: title.in_lang(lang).to_owned(),
        status: error.code.status().as_u16(),
        detail: truncate(detail.in_lang(lang), 2000),
        instance: context.path.chars().take(2000).collect(),
        code: error.code.as_str().to_owned(),
        errors,
        request_id: context.trace.request_id.clone(),
        error: oauth.then(|| oauth_code(error.code).to_owned()),
        error_description: oauth.then(|| truncate(&detail.en, 2000)),
    };
    let mut response = HttpResponse::build(error.code.status());
    response
        .content_type("application/problem+json")
        .insert_header((header::CONTENT_LANGUAGE, lang.tag()))
        .insert_header((header::VARY, "Accept-Language"))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(challenge) = challenge(error.code) {
        response.insert_header((header::WWW_AUTHENTICATE, challenge));
    }
    if let Some(seconds) = error.retry_after {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    if let Some(allow) = error.allow.as_deref().and_then(|a| HeaderValue::from_str(a).ok()) {
        response.insert_header((header::ALLOW, allow));
    }
    if error.code == Code::UnsupportedContentEncoding {
        response.insert_header((header::ACCEPT_ENCODING, "gzip"));
    }
    if error.code == Code::UnsupportedMediaType && context.method == Method::PATCH {
        response.insert_header(("accept-patch", "application/merge-patch+json, application/json"));
    }
    response.json(problem)
}

/// The most faults that one problem lists.
const MAX_FAULTS: usize = 100;

/// The most bytes that they take as JSON. The other members take at most 28 KiB, so a problem has at most 64 KiB.
pub const MAX_FAULTS_BYTES: usize = 36 * 1024;

/// The first faults, as many as fit into `bytes`, which is lowered by what they take. Without a bound, a small request
/// could cause an answer of many megabytes.
pub fn listed(errors: &[FieldError], lang: Lang, bytes: &mut usize) -> Vec<ProblemField> {
    let fits = |field: &ProblemField| {
        let size = serde_json::to_vec(field).map_or(usize::MAX, |json| json.len() + 1);
        let rest = bytes.checked_sub(size);
        *bytes = rest.unwrap_or_default();
        rest.is_some()
    };
    let fields = errors.iter().take(MAX_FAULTS).map(|e| ProblemField::of(e, lang));
    fields.take_while(fits).collect()
}

/// What happened: the error's own words, else those of its first fault and how many others there are.
fn detail(error: &Error, listed: usize) -> Text {
    let first = match error.errors.as_slice() {
        [] => error.code.title(),
        [first, ..] => describe(first),
    };
    let text = error.detail.clone().unwrap_or(first);
    let (total, own) = (error.errors.len(), error.detail.is_some());
    let more = match total.saturating_sub(1) {
        _ if listed < total => Text::new(
            format!("Kesalahan seluruhnya: {total}; errors memuat {listed} yang pertama."),
            format!("Faults in all: {total}; errors lists the first {listed}."),
        ),
        others if others > 0 && !own => Text::new(
            format!("Kesalahan lain: {others}; lihat errors."),
            format!("Further errors: {others}; see errors."),
        ),
        _ => return text,
    };
    let both = |text: &str, more: &str| format!("{} {more}", truncate(text, 1800));
    Text::new(both(&text.id, &more.id), both(&text.en, &more.en))
}

fn describe(field: &FieldError) -> Text {
    let (name, detail) = (&field.pointer, &field.detail);
    Text::new(format!("{name}: {}", detail.id), format!("{name}: {}", detail.en))
}

fn challenge(code: Code) -> Option<&'static str> {
    match code {
        Code::Unauthenticated => Some("Bearer realm=\"iku\""),
        Code::InvalidToken => Some("Bearer realm=\"iku\", error=\"invalid_token\""),
        Code::InsufficientScope => Some("Bearer realm=\"iku\", error=\"insufficient_scope\""),
        Code::InvalidClient => Some("Basic realm=\"iku\""),
        _ => None,
    }
}

/// The error codes of RFC 6749 section 5.2.
fn oauth_code(code: Code) -> &'static str {
    match code {
        Code::InvalidGrant | Code::InvalidClient | Code::UnsupportedGrantType | Code::InvalidScope => code.as_str(),
        Code::Unavailable | Code::TooManyRequests => "temporarily_unavailable",
        Code::Internal => "server_error",
        _ => "invalid_request",
    }
}

/// The problem for an error of the framework, by its status.
pub fn from_status(status: StatusCode) -> Error {
    Error::new(match status.as_u16() {
        503 => return Error::unavailable(),
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        406 => Code::NotAcceptable,
        413 => Code::BodyTooLarge,
        415 => Code::UnsupportedMediaType,
        400..=499 => Code::BadRequest,
        _ => Code::Internal,
    })
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// Empty: the middleware `problems` knows the request and renders the problem.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}
