//! The page that shows an error. It never shows more than the API's problem does.

use actix_web::HttpResponse;
use actix_web::http::header::{ALLOW, HeaderValue, RETRY_AFTER};
use askama::Template;

use super::answer;
use super::shell::{Shell, encoded};
use super::words::words;
use crate::platform::error::{Code, Error};
use crate::platform::http::request_context::RequestContext;
use crate::platform::text::Lang;

words! {
    struct Words {
        not_found: "Halaman ini tidak ada" / "There is no such page",
        not_found_about: "Mungkin alamatnya salah tulis, atau catatannya bukan milik kecamatan ini." /
            "The address may be misspelt, or the record belongs to another district.",
        forbidden: "Akun ini tidak boleh melakukan itu" / "This account may not do that",
        forbidden_about: "Hak setiap akun mengikuti peran dan seksinya. Mintalah kepada administrator bila perlu." /
            "The rights of an account follow from its role and section. Ask an administrator if you need more.",
        cross_site: "Permintaan ini bukan dari halaman layanan ini" / "This request is not from a page of this service",
        cross_site_about: "Buka halaman layanan ini, lalu ulangi dari sana." / "Open a page of this service and try again from there.",
        busy: "Layanan sedang sibuk" / "The service is busy",
        busy_about: "Coba lagi sebentar lagi. Tidak ada yang tersimpan." / "Try again in a moment. Nothing was saved.",
        failed: "Layanan mengalami kesalahan" / "The service has failed",
        failed_about: "Tidak ada yang tersimpan. Sebutkan nomor permintaan di bawah ini kepada pengelola." /
            "Nothing was saved. Tell the operators the number of the request below.",
        home: "Ke Beranda" / "To the overview",
        request: "Nomor permintaan" / "Number of the request",
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    shell: Shell,
    t: &'static Words,
    about: Vec<String>,
    request: &'a str,
}

/// Returns the page for an error; a person who is not signed in gets the sign-in page.
pub fn show(error: &Error, context: &RequestContext) -> HttpResponse {
    error.log();
    let answer = match error.code {
        Code::Unauthenticated => answer::see_other(&sign_in_for(&context.path)),
        _ => problem_page(error, context),
    };
    let mut response = answer.unwrap_or_else(|_| HttpResponse::new(error.code.status()));
    let headers = response.headers_mut();
    if let Some(seconds) = error.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(allow) = error
        .allow
        .as_deref()
        .and_then(|allow| HeaderValue::from_str(allow).ok())
    {
        headers.insert(ALLOW, allow);
    }
    response
}

/// Returns the address of the sign-in page that leads back to a path.
fn sign_in_for(path: &str) -> String {
    match path {
        "/" => "/masuk".to_owned(),
        path => format!("/masuk?ke={}", encoded(path)),
    }
}

fn problem_page(error: &Error, context: &RequestContext) -> Result<HttpResponse, Error> {
    let (lang, t) = (context.lang, Words::of(context.lang));
    let (title, about) = match error.code {
        Code::NotFound | Code::InvalidPath => (t.not_found.to_owned(), Some(t.not_found_about)),
        Code::InsufficientScope | Code::WrongSection => (t.forbidden.to_owned(), Some(t.forbidden_about)),
        Code::CrossSite => (t.cross_site.to_owned(), Some(t.cross_site_about)),
        Code::Unavailable => (t.busy.to_owned(), Some(t.busy_about)),
        Code::Internal => (t.failed.to_owned(), Some(t.failed_about)),
        code => (code.title().in_lang(lang).to_owned(), None),
    };
    let page = Page {
        shell: Shell::new(lang, title, &context.path),
        t,
        about: about
            .map(str::to_owned)
            .into_iter()
            .chain(sentences(error, lang))
            .collect(),
        request: &context.trace.request_id,
    };
    answer::page(error.code.status(), lang, &page)
}

/// The most sentences about one error.
const MOST: usize = 20;

/// Returns what an error says.
pub fn sentences(error: &Error, lang: Lang) -> Vec<String> {
    let own = error.detail.iter();
    let of_fields = error.errors.iter().map(|field| &field.detail);
    let mut all: Vec<String> = Vec::new();
    for text in own.chain(of_fields).take(MOST) {
        let text = text.in_lang(lang).to_owned();
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}
