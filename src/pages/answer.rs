//! The answers of the pages: a page, a redirection, a file.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, ContentType, HeaderValue, LOCATION, REFERRER_POLICY, VARY,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;

use crate::platform::error::{Error, OrInternal};
use crate::platform::http::cached_response::PublicFile;
use crate::platform::text::Lang;

/// Scripts and styles come from files of this service only, and nothing is sent elsewhere.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; \
                          frame-ancestors 'none'; base-uri 'none'; connect-src 'self'; worker-src 'self'; manifest-src 'self'";

/// Adds the headers of every page. `same-origin`: a form says where it was sent from, also over plain HTTP.
fn with_headers(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    response
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((CACHE_CONTROL, "no-store"));
    response
}

/// Returns a page.
pub fn page(status: StatusCode, lang: Lang, template: &impl Template) -> Result<HttpResponse, Error> {
    let body = template.render().or_internal()?;
    Ok(with_headers(HttpResponse::build(status))
        .content_type(ContentType::html())
        .insert_header((CONTENT_LANGUAGE, lang.tag()))
        .insert_header((VARY, "Accept-Language, Cookie"))
        .body(body))
}

/// Returns a page for everybody. Every cache may show it for a minute, and then asks whether it changed.
pub fn public_page(req: &HttpRequest, lang: Lang, template: &impl Template) -> Result<HttpResponse, Error> {
    let body = template.render().or_internal()?;
    let mut response = PublicFile::new("text/html; charset=utf-8", body).respond(req);
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "public, max-age=60"),
        (CONTENT_LANGUAGE, lang.tag()),
        (VARY, "Accept-Language, Cookie"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Redirects to a path of this service; the browser reads it with GET.
pub fn see_other(path: &str) -> Result<HttpResponse, Error> {
    redirect(path, None)
}

/// The same with a cookie.
pub fn see_other_with(path: &str, cookie: HeaderValue) -> Result<HttpResponse, Error> {
    redirect(path, Some(cookie))
}

fn redirect(path: &str, cookie: Option<HeaderValue>) -> Result<HttpResponse, Error> {
    let location = HeaderValue::from_str(path).or_internal()?;
    let mut response = with_headers(HttpResponse::build(StatusCode::SEE_OTHER));
    response.insert_header((LOCATION, location));
    if let Some(cookie) = cookie {
        response.insert_header((actix_web::http::header::SET_COOKIE, cookie));
    }
    Ok(response.finish())
}
