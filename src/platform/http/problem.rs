//! `application/problem+json` (RFC 9457) for every error, the framework's included.

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::accept::ACCEPT_PATCH;
use super::download::SHEETS;
use super::field_errors::MAX_COLLECTED;
use super::request_context::RequestContext;
use crate::platform::error::{Code, Error, FieldError};
use crate::platform::text::{Lang, Text};

/// The description of an error, by RFC 9457.
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
    /// The cause and the remedy in this case; in the caller's language.
    #[schema(
        max_length = 2000,
        example = "Perbaiki bagian yang disebut di bawah, lalu kirim lagi."
    )]
    pub detail: String,
    /// The requested path.
    #[schema(format = "uri-reference", max_length = 2000, example = "/v1/reports")]
    pub instance: String,
    /// Stable code for machines.
    #[schema(max_length = 64, example = "invalid_body")]
    pub code: String,
    /// Every wrong field.
    #[schema(max_items = 100)]
    pub errors: Vec<ProblemField>,
    /// The id of this request, as in the log and in `X-Request-Id`.
    #[schema(max_length = 128, example = "0b6f7d9e-3f0e-4c57-9a31-6c1f0e3c2b11")]
    pub request_id: String,
}

/// An error of the token endpoints: the members of RFC 6749 section 5.2, and those of a problem beside them.
#[derive(Debug, Serialize)]
pub struct OAuthProblem {
    error: &'static str,
    error_description: String,
    #[serde(flatten)]
    problem: Problem,
}

impl ToSchema for OAuthProblem {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Problem::schemas(schemas);
    }
}

/// One flat object. `allOf`, which utoipa would make, is read differently by each generator of clients.
impl PartialSchema for OAuthProblem {
    fn schema() -> RefOr<Schema> {
        let mut schema = Problem::schema();
        let RefOr::T(Schema::Object(object)) = &mut schema else {
            return schema;
        };
        let text = |longest, about, example: &str| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .max_length(Some(longest))
                .description(Some(about))
                .examples([example])
        };
        object.description =
            Some("An error by RFC 6749 section 5.2, with the members of a problem beside it.".to_owned());
        let code = text(64, "The code of RFC 6749 or RFC 7009.", "invalid_grant");
        let about = text(
            2000,
            "The same as `detail`, in English and in ASCII.",
            "The grant type is not supported",
        );
        for (name, member) in [("error", code), ("error_description", about)] {
            object.properties.insert(name.to_owned(), member.into());
            object.required.push(name.to_owned());
        }
        schema
    }
}

/// A wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemField {
    /// JSON pointer into the body (`#/delivered_on`); absent if the error is not in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 1000, example = "#/delivered_on")]
    pub pointer: Option<String>,
    /// The name of a parameter of the path or the query, or of a header; absent if the error is in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 1000)]
    pub parameter: Option<String>,
    /// Stable code of this error.
    #[schema(max_length = 64, example = "format")]
    pub code: String,
    /// In the caller's language.
    #[schema(max_length = 2000, example = "Bukan tanggal yang sah (YYYY-MM-DD).")]
    pub detail: String,
}

impl ProblemField {
    pub fn of(error: &FieldError, lang: Lang) -> Self {
        let (pointer, parameter) = match error.parameter() {
            None => (Some(error.pointer.as_str()), None),
            Some("") => (None, None),
            name => (None, name),
        };
        let bounded = |name: Option<&str>| name.map(|name| truncate(name, 1000));
        Self {
            pointer: bounded(pointer),
            parameter: bounded(parameter),
            code: error.code.as_str().to_owned(),
            detail: truncate(error.detail.in_lang(lang), 2000),
        }
    }
}

/// Returns at most `limit` characters of a text, with another character for control characters: a terminal obeys them, and
/// JSON writes six bytes for each.
fn truncate(text: &str, limit: usize) -> String {
    let plain = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().take(limit).map(plain).collect()
}

/// Logs an error, and returns its response in the language of the request.
pub fn render(error: &Error, context: &RequestContext) -> HttpResponse {
    error.log();
    let lang = context.lang;
    let title = error.code.title();
    let mut room = MAX_ERRORS_BYTES;
    let mut all = error.errors.iter().take(MAX_ERRORS);
    let mut errors = listed(all.next(), lang, &mut room);
    if context.subject.get().is_none() {
        room = room.min(MAX_ERRORS_BYTES_OF_ANYBODY);
    }
    errors.extend(listed(all, lang, &mut room));
    let detail = detail(error, errors.len());
    let problem = Problem {
        kind: format!("/problems/{}", error.code.as_str()),
        title: title.in_lang(lang).to_owned(),
        status: error.code.status().as_u16(),
        detail: truncate(detail.in_lang(lang), 2000),
        instance: context.path.chars().take(2000).collect(),
        code: error.code.as_str().to_owned(),
        errors,
        request_id: context.trace.request_id.clone(),
    };
    let mut response = HttpResponse::build(error.code.status());
    response
        .content_type(match context.is_oauth {
            true => "application/json",
            false => "application/problem+json",
        })
        .insert_header((header::CONTENT_LANGUAGE, lang.tag()))
        .insert_header((header::VARY, "Accept-Language"))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(challenge) = challenge(error.code) {
        response.insert_header((header::WWW_AUTHENTICATE, challenge));
    }
    if context.is_export && error.code == Code::Unauthenticated {
        // A spreadsheet asks for an id and a secret when it sees this.
        response.append_header((header::WWW_AUTHENTICATE, BASIC));
    }
    if let Some(seconds) = error.retry_after {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    if let Some(allow) = error.allow.as_deref().and_then(|a| HeaderValue::from_str(a).ok()) {
        response.insert_header((header::ALLOW, allow));
    }
    let is_import = context.path == "/v1/imports";
    if error.code == Code::UnsupportedContentEncoding {
        let is_plain = context.path.starts_with("/v1/auth/") || is_import;
        response.insert_header((header::ACCEPT_ENCODING, if is_plain { "identity" } else { "gzip" }));
    }
    if error.code == Code::UnsupportedMediaType {
        let (name, media) = match context.method {
            Method::PATCH => ("accept-patch", ACCEPT_PATCH),
            Method::POST if context.is_oauth => ("accept-post", "application/x-www-form-urlencoded"),
            Method::POST if is_import => ("accept-post", SHEETS),
            Method::POST => ("accept-post", "application/json"),
            _ => ("accept", "application/json"),
        };
        response.insert_header((name, media));
    }
    match context.is_oauth {
        true => response.json(OAuthProblem {
            error: oauth_code(error.code),
            error_description: oauth_text(&format!("{}. {}", title.en, detail.en)),
            problem,
        }),
        false => response.json(problem),
    }
}

/// The most field errors that one problem lists.
const MAX_ERRORS: usize = 100;

/// The most bytes that they take as JSON. The other members take at most 28 KiB, so a problem has at most 64 KiB.
const MAX_ERRORS_BYTES: usize = 36 * 1024;

/// The same after the first error, for a request without a valid token: its response is at most ten times as long as it.
const MAX_ERRORS_BYTES_OF_ANYBODY: usize = 2 * 1024;

/// Returns the first errors that fit into `bytes`, and subtracts their size from it. Without a bound, a small request
/// could cause a response of many megabytes.
pub fn listed<'a>(
    errors: impl IntoIterator<Item = &'a FieldError>,
    lang: Lang,
    bytes: &mut usize,
) -> Vec<ProblemField> {
    let fits = |field: &ProblemField| {
        let size = serde_json::to_vec(field).map_or(usize::MAX, |json| json.len() + 1);
        let rest = bytes.checked_sub(size);
        *bytes = rest.unwrap_or_default();
        rest.is_some()
    };
    let fields = errors.into_iter().map(|e| ProblemField::of(e, lang));
    fields.take_while(fits).collect()
}

/// Returns the detail of the error, or else the detail of its first field error and the number of the others, or else the
/// remedy.
fn detail(error: &Error, listed: usize) -> Text {
    let first = match error.errors.as_slice() {
        [] => error.code.remedy(),
        [first, ..] => describe(first),
    };
    let text = error.detail.clone().unwrap_or(first);
    let (total, own) = (error.errors.len(), error.detail.is_some());
    let (least_id, least_en) = match total < MAX_COLLECTED {
        true => ("", ""),
        false => ("paling sedikit ", "at least "),
    };
    let more = match total.saturating_sub(1) {
        _ if listed < total => Text::new(
            format!("Kesalahan seluruhnya: {least_id}{total}; errors memuat {listed} yang pertama."),
            format!("Errors in total: {least_en}{total}; errors lists the first {listed}."),
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
    let detail = &field.detail;
    let name = field.parameter().unwrap_or(&field.pointer);
    if name.is_empty() {
        return detail.clone();
    }
    Text::new(format!("{name}: {}", detail.id), format!("{name}: {}", detail.en))
}

const BASIC: &str = "Basic realm=\"iku\"";

fn challenge(code: Code) -> Option<&'static str> {
    match code {
        Code::Unauthenticated => Some("Bearer realm=\"iku\""),
        Code::InvalidToken => Some("Bearer realm=\"iku\", error=\"invalid_token\""),
        // RFC 9470: how long ago the sign-in may be.
        Code::InsufficientUserAuthentication => {
            Some("Bearer realm=\"iku\", error=\"insufficient_user_authentication\", max_age=900")
        }
        Code::InsufficientScope => Some("Bearer realm=\"iku\", error=\"insufficient_scope\""),
        Code::InvalidClient => Some(BASIC),
        _ => None,
    }
}

/// Returns a text with the characters that `error_description` may have: ASCII without quotation marks and backslashes.
fn oauth_text(text: &str) -> String {
    let allowed = |c: char| match c {
        '"' => '\'',
        '\\' => '/',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().take(2000).map(allowed).collect()
}

/// The error codes of RFC 6749 sections 5.2 and 4.1.2.1 (for failures of the service).
fn oauth_code(code: Code) -> &'static str {
    match code {
        Code::InvalidGrant | Code::InvalidClient | Code::UnsupportedGrantType | Code::InvalidScope => code.as_str(),
        Code::Unavailable | Code::TooManyRequests => "temporarily_unavailable",
        Code::CrossSite => "unauthorized_client",
        Code::Internal => "server_error",
        _ => "invalid_request",
    }
}

/// Returns the problem for an error of the framework, by its status.
pub fn from_status(status: StatusCode) -> Error {
    Error::new(match status.as_u16() {
        503 => return Error::unavailable(),
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        406 => Code::NotAcceptable,
        408 => Code::RequestTimeout,
        414 => Code::UriTooLong,
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
