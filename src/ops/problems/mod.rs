//! The addresses in `type` of problems: each code with its cause and its remedy, as JSON for programs and as a page for
//! people. The tables in `platform/error` have the texts.

mod markdown;
mod page;

use actix_web::http::header::{self, Accept, Header, HeaderValue, Quality};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::Public;
use crate::platform::error::{Code, Error, FieldCode, OrInternal};
use crate::platform::http::cached_response::PublicFile;
use crate::platform::http::{Path, Query};
use crate::platform::text::{Lang, Text};

pub use markdown::markdown;

/// The place where a code appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// In `code` of a problem, and in `errors[].code` if one field is wrong.
    Problem,
    /// In `errors[].code` only.
    Field,
}

/// A code and its explanation.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemKind {
    /// The stable code.
    #[schema(max_length = 64, example = "invalid_body")]
    pub code: String,
    pub kind: CodeKind,
    /// The HTTP status of the problem; absent for the code of a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 400, maximum = 599, example = 400)]
    pub status: Option<u16>,
    /// In Indonesian.
    #[schema(max_length = 200, example = "Isi permintaan tidak sesuai kontrak")]
    pub title_id: String,
    /// In English.
    #[schema(max_length = 200, example = "The body does not match the contract")]
    pub title_en: String,
    /// The cause, in Indonesian.
    #[schema(
        max_length = 1000,
        example = "Ada isian yang kurang, tidak dikenal, salah jenis, atau di luar batas."
    )]
    pub cause_id: String,
    /// The cause, in English.
    #[schema(
        max_length = 1000,
        example = "A field is missing, unknown, of the wrong type or out of range."
    )]
    pub cause_en: String,
    /// The remedy, in Indonesian.
    #[schema(
        max_length = 1000,
        example = "Perbaiki setiap isian yang disebut di errors, lalu kirim lagi."
    )]
    pub cure_id: String,
    /// The remedy, in English.
    #[schema(
        max_length = 1000,
        example = "Fix the fields listed in errors and send the request again."
    )]
    pub cure_en: String,
}

/// Every code.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemKinds {
    #[schema(max_items = 200)]
    pub items: Vec<ProblemKind>,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageLanguage {
    /// Language of the page; default: by `Accept-Language`. JSON has both languages.
    #[param(inline, example = "id")]
    pub lang: Option<Lang>,
}

/// One row of the catalogue.
struct Entry {
    code: &'static str,
    status: Option<u16>,
    title: Text,
    cause: Text,
    remedy: Text,
}

impl Entry {
    fn all() -> Vec<Entry> {
        let problems = Code::ALL.iter().map(|code| Entry {
            code: code.as_str(),
            status: Some(code.status().as_u16()),
            title: code.title(),
            cause: code.cause(),
            remedy: code.remedy(),
        });
        let fields = FieldCode::ALL.iter().map(|code| Entry {
            code: code.as_str(),
            status: None,
            title: code.title(),
            cause: code.cause(),
            remedy: code.remedy(),
        });
        problems.chain(fields).collect()
    }
}

impl From<&Entry> for ProblemKind {
    fn from(entry: &Entry) -> Self {
        Self {
            code: entry.code.to_owned(),
            kind: entry.status.map_or(CodeKind::Field, |_| CodeKind::Problem),
            status: entry.status,
            title_id: entry.title.id.to_string(),
            title_en: entry.title.en.to_string(),
            cause_id: entry.cause.id.to_string(),
            cause_en: entry.cause.en.to_string(),
            cure_id: entry.remedy.id.to_string(),
            cure_en: entry.remedy.en.to_string(),
        }
    }
}

/// Explain all problems
///
/// Every `code` of problems and of field errors, with status, title, cause and remedy in both languages. A browser gets
/// a page.
#[utoipa::path(
    tag = "contract", operation_id = "getProblemKinds", security(()),
    params(PageLanguage),
    responses((status = 200, description = "Every code",
        content((ProblemKinds = "application/json"), (String = "text/html")),
        headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/problems")]
pub async fn list(_: Public, req: HttpRequest, page_language: Query<PageLanguage>) -> Result<HttpResponse, Error> {
    let all = Entry::all();
    if wants_page(&req) {
        let lang = language(&req, &page_language.0);
        return Ok(response(&req, Some(lang), page::of_all(&all, lang)));
    }
    let items = all.iter().map(ProblemKind::from).collect();
    Ok(response(&req, None, as_json(&ProblemKinds { items })?))
}

/// Explain a problem
///
/// The cause and the remedy of a problem; its `type` is this address. A browser gets a page. The codes of fields
/// (`errors[].code`) have such addresses too.
#[utoipa::path(
    tag = "contract", operation_id = "getProblemKind", security(()),
    params(("code" = String, Path, description = "The code of the problem or of the field", max_length = 64, example = "invalid_body"), PageLanguage),
    responses((status = 200, description = "The code and its explanation",
        content((ProblemKind = "application/json"), (String = "text/html")),
        headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/problems/{code}")]
pub async fn get(
    _: Public,
    req: HttpRequest,
    code: Path<String>,
    page_language: Query<PageLanguage>,
) -> Result<HttpResponse, Error> {
    let all = Entry::all();
    let entry = all.iter().find(|e| e.code == code.0).ok_or_else(Error::not_found)?;
    if wants_page(&req) {
        let lang = language(&req, &page_language.0);
        return Ok(response(&req, Some(lang), page::of_one(entry, lang)));
    }
    Ok(response(&req, None, as_json(&ProblemKind::from(entry))?))
}

fn as_json(thing: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(thing).or_internal()
}

fn language(req: &HttpRequest, page_language: &PageLanguage) -> Lang {
    page_language.lang.unwrap_or_else(|| Lang::of(req.headers()))
}

/// Returns a page in this language, or JSON.
fn response(req: &HttpRequest, page: Option<Lang>, body: String) -> HttpResponse {
    let media = page.map_or("application/json", |_| "text/html; charset=utf-8");
    let mut response = PublicFile::new(media, body).respond(req);
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    if let Some(lang) = page {
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(page::policy()),
        );
    }
    response
}

/// Returns whether `Accept` prefers a page to JSON. A caller that does not name HTML is a program.
fn wants_page(req: &HttpRequest) -> bool {
    let given = Accept::parse(req).map(|accept| accept.0).unwrap_or_default();
    let best = |types: &[&str]| {
        let named = given.iter().filter(|range| types.contains(&range.item.essence_str()));
        named.map(|range| range.quality).max()
    };
    let page = best(&["text/html", "text/*"]).unwrap_or(Quality::ZERO);
    let json = best(&["application/json"]).or_else(|| best(&["application/*", "*/*"]));
    page > json.unwrap_or(Quality::ZERO)
}
