//! `application/problem+json` (RFC 9457) for every error, the framework's included.

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

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
            pointer: shown(&error.pointer, 1000),
            code: error.code.as_str().to_owned(),
            detail: shown(error.detail.in_lang(lang), 2000),
        }
    }
}

/// Text that may repeat what was sent: no NUL, which the contract promises of every text, and no more than `most`
/// characters.
fn shown(text: &str, most: usize) -> String {
    let plain = |c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().take(most).map(plain).collect()
}

const TOKEN_PATH: &str = "/v1/auth/token";

/// What of a request a problem repeats.
#[derive(Clone, Debug)]
pub struct Asked {
    pub lang: Lang,
    pub method: Method,
    pub path: String,
    pub request_id: String,
}

impl Asked {
    /// Where nothing of the request is at hand.
    fn unknown() -> Self {
        Self {
            lang: Lang::Id,
            method: Method::GET,
            path: String::new(),
            request_id: String::new(),
        }
    }
}

/// The response for an error, in the language of the request.
pub fn render(error: &Error, asked: &Asked) -> HttpResponse {
    let lang = asked.lang;
    let title = error.code.title();
    let detail = detail(error);
    let oauth = asked.path == TOKEN_PATH;
    let problem = Problem {
        kind: format!("/problems/{}", error.code.as_str()),
        title: title.in_lang(lang).to_owned(),
        status: error.code.status().as_u16(),
        detail: shown(detail.in_lang(lang), 2000),
        instance: asked.path.chars().take(2000).collect(),
        code: error.code.as_str().to_owned(),
        errors: error.errors.iter().map(|e| ProblemField::of(e, lang)).collect(),
        request_id: asked.request_id.clone(),
        error: oauth.then(|| oauth_code(error.code).to_owned()),
        error_description: oauth.then(|| shown(&detail.en, 2000)),
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
    if error.code == Code::UnsupportedMediaType && asked.method == Method::PATCH {
        response.insert_header(("accept-patch", "application/merge-patch+json, application/json"));
    }
    response.json(problem)
}

/// What happened: the error's own words, else those of its fields, of which the first is named and the others counted.
fn detail(error: &Error) -> Text {
    let said = || match error.errors.as_slice() {
        [] => error.code.title(),
        [only] => named(only),
        [first, rest @ ..] => {
            let (first, others) = (named(first), rest.len());
            Text::new(
                format!("{} Kesalahan lain: {others}; lihat errors.", first.id),
                format!("{} Further errors: {others}; see errors.", first.en),
            )
        }
    };
    error.detail.clone().unwrap_or_else(said)
}

fn named(field: &FieldError) -> Text {
    let (name, said) = (&field.pointer, &field.detail);
    Text::new(format!("{name}: {}", said.id), format!("{name}: {}", said.en))
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

/// The problem for an error that is not ours: the framework's own, judged by its status.
pub fn foreign(status: StatusCode) -> Error {
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

    /// [`super::manners`] puts one that knows the request in its place.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        render(self, &Asked::unknown())
    }
}
