//! What the problems' `type` addresses lead to: each code with its cause and its remedy, for programs as JSON and for
//! people as a page. The words are the tables in `platform/error`.

mod markdown;
mod page;

use actix_web::http::header::{self, Accept, Header, HeaderValue, Quality};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::Public;
use crate::platform::error::{Code, Error, Fault, OrInternal};
use crate::platform::http::cached_response::PublicFile;
use crate::platform::http::{Path, Query};
use crate::platform::text::{Lang, Text};

pub use markdown::markdown;

/// Where a code appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// In `code` of a problem, and in `errors[].code` where one field is to blame.
    Problem,
    /// In `errors[].code` alone.
    Field,
}

/// One code, explained.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemKind {
    /// The stable code.
    #[schema(max_length = 64, example = "invalid_body")]
    pub code: String,
    pub kind: CodeKind,
    /// The status that goes with it; a field's code has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 400, maximum = 599, example = 400)]
    pub status: Option<u16>,
    /// In Indonesian.
    #[schema(max_length = 200, example = "Isi permintaan tidak sesuai kontrak")]
    pub title_id: String,
    /// In English.
    #[schema(max_length = 200, example = "The body does not match the contract")]
    pub title_en: String,
    /// Why it happens, in Indonesian.
    #[schema(
        max_length = 1000,
        example = "Ada isian yang kurang, tidak dikenal, salah jenis, atau di luar batas."
    )]
    pub cause_id: String,
    /// Why it happens, in English.
    #[schema(
        max_length = 1000,
        example = "A field is missing, unknown, of the wrong type or out of range."
    )]
    pub cause_en: String,
    /// What to do, in Indonesian.
    #[schema(
        max_length = 1000,
        example = "Perbaiki setiap isian yang disebut di errors, lalu kirim lagi."
    )]
    pub cure_id: String,
    /// What to do, in English.
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
pub struct Reading {
    /// Language of the page; default: the one that `Accept-Language` prefers. JSON has both.
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
        let fields = Fault::ALL.iter().map(|fault| Entry {
            code: fault.as_str(),
            status: None,
            title: fault.title(),
            cause: fault.cause(),
            remedy: fault.remedy(),
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
/// Every `code` of a problem and of a field at fault, with its status, title, cause and remedy in both languages. A
/// browser gets a page.
#[utoipa::path(
    tag = "contract", operation_id = "getProblemKinds", security(()), servers((url = "/")),
    params(Reading),
    responses((status = 200, description = "Every code",
        content((ProblemKinds = "application/json"), (String = "text/html")),
        headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/problems")]
pub async fn list(_: Public, req: HttpRequest, reading: Query<Reading>) -> Result<HttpResponse, Error> {
    let all = Entry::all();
    if wants_page(&req) {
        let lang = language(&req, &reading.0);
        return Ok(answer(&req, Some(lang), page::of_all(&all, lang)));
    }
    let items = all.iter().map(ProblemKind::from).collect();
    Ok(answer(&req, None, as_json(&ProblemKinds { items })?))
}

/// Explain a problem
///
/// What the `type` of a problem leads to: why it happens and what to do. A browser gets a page. The codes of fields
/// (`errors[].code`) are explained here, too.
#[utoipa::path(
    tag = "contract", operation_id = "getProblemKind", security(()), servers((url = "/")),
    params(("code" = String, Path, description = "The code of the problem or of the field", max_length = 64, example = "invalid_body"), Reading),
    responses((status = 200, description = "The code, explained",
        content((ProblemKind = "application/json"), (String = "text/html")),
        headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/problems/{code}")]
pub async fn get(
    _: Public,
    req: HttpRequest,
    code: Path<String>,
    reading: Query<Reading>,
) -> Result<HttpResponse, Error> {
    let all = Entry::all();
    let entry = all.iter().find(|e| e.code == code.0).ok_or_else(Error::not_found)?;
    if wants_page(&req) {
        let lang = language(&req, &reading.0);
        return Ok(answer(&req, Some(lang), page::of_one(entry, lang)));
    }
    Ok(answer(&req, None, as_json(&ProblemKind::from(entry))?))
}

fn as_json(thing: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(thing).or_internal()
}

fn language(req: &HttpRequest, reading: &Reading) -> Lang {
    reading.lang.unwrap_or_else(|| Lang::of(req.headers()))
}

/// Returns a page in this language, or JSON.
fn answer(req: &HttpRequest, page: Option<Lang>, body: String) -> HttpResponse {
    let media = page.map_or("application/json", |_| "text/html; charset=utf-8");
    let mut answer = PublicFile::new(media, body).respond(req);
    let headers = answer.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    if let Some(lang) = page {
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(page::policy()),
        );
    }
    answer
}

/// Returns whether `Accept` prefers a page to JSON. A caller that does not name pages is a program.
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

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn browsers_get_pages_and_programs_get_json() {
        let wants = |accept: &'static str| {
            let request = TestRequest::default().insert_header((header::ACCEPT, accept));
            wants_page(&request.to_http_request())
        };
        assert!(!wants_page(&TestRequest::default().to_http_request()));
        for page in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html",
            "application/json;q=0.5, text/*",
        ] {
            assert!(wants(page), "{page}");
        }
        for json in [
            "*/*",
            "application/json",
            "application/json, text/html",
            "text/html;q=0",
            "x",
        ] {
            assert!(!wants(json), "{json}");
        }
    }

    #[test]
    fn a_code_is_explained_once_and_all_its_words_are_there() {
        let all = Entry::all();
        for (i, entry) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|e| e.code != entry.code), "{}", entry.code);
            for text in [&entry.title, &entry.cause, &entry.remedy] {
                assert!(!text.id.is_empty() && !text.en.is_empty(), "{}", entry.code);
                assert_ne!(text.id, text.en, "{}", entry.code);
            }
        }
    }
}
