//! Answers: one thing with its tag, a page with its link, a creation with its place.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::etag::ETag;
use super::page::Page;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;

/// What may be kept must be asked for again: tags make that cheap.
const REVALIDATE: &str = "private, no-cache";

/// 200 with the thing, or 304 when the caller has it.
pub fn one(req: &HttpRequest, tag: &ETag, thing: &impl Serialize) -> HttpResponse {
    if tag.is_known_to(req.headers()) {
        return not_modified(tag);
    }
    tagged(StatusCode::OK, tag, thing)
}

pub fn not_modified(tag: &ETag) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header((header::ETAG, tag.to_string()))
        .insert_header((header::CACHE_CONTROL, REVALIDATE))
        .finish()
}

/// The same for a body that holds sentences in the caller's language.
pub fn translated(req: &HttpRequest, tag: &ETag, thing: &impl Serialize) -> HttpResponse {
    in_their_language(one(req, tag, thing))
}

/// 304 for a body that holds sentences in the caller's language.
pub fn translated_not_modified(tag: &ETag) -> HttpResponse {
    in_their_language(not_modified(tag))
}

fn in_their_language(mut response: HttpResponse) -> HttpResponse {
    let language = header::HeaderValue::from_static("Accept-Language");
    response.headers_mut().insert(header::VARY, language);
    response
}

/// The thing as it is after a change.
pub fn changed(tag: &ETag, thing: &impl Serialize) -> HttpResponse {
    tagged(StatusCode::OK, tag, thing)
}

/// 201 + `Location` for a new thing, 200 for the retry of a creation.
pub fn created<T: Serialize>(
    created: Created<T>,
    place: impl Fn(&T) -> String,
    tag: impl Fn(&T) -> ETag,
) -> HttpResponse {
    let (status, thing) = match created {
        Created::New(thing) => (StatusCode::CREATED, thing),
        Created::Before(thing) => (StatusCode::OK, thing),
    };
    let mut response = tagged(status, &tag(&thing), &thing);
    if let Ok(place) = header::HeaderValue::from_str(&place(&thing)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

/// The same, never to be kept by anybody on the way: it holds a secret.
pub fn secret(mut response: HttpResponse) -> HttpResponse {
    let no_store = header::HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    response
}

/// 204.
pub fn gone() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// A page, with `Link: <...>; rel="next"` while there is a next one.
pub fn page<T: Serialize>(req: &HttpRequest, page: &Page<T>) -> Result<HttpResponse, Error> {
    let response = HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, REVALIDATE))
        .json(page);
    Ok(with_next(response, req, page.next_cursor.as_deref()))
}

/// The response with a link to the next page, if there is one.
pub fn with_next(mut response: HttpResponse, req: &HttpRequest, next_cursor: Option<&str>) -> HttpResponse {
    let Some(cursor) = next_cursor else { return response };
    let rest = req
        .query_string()
        .split('&')
        .filter(|p| !p.is_empty() && !p.starts_with("cursor="));
    let query = rest
        .chain([format!("cursor={cursor}").as_str()])
        .collect::<Vec<_>>()
        .join("&");
    let link = format!("<{}?{query}>; rel=\"next\"", req.path());
    if let Ok(link) = header::HeaderValue::from_str(&link) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

fn tagged(status: StatusCode, tag: &ETag, thing: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::ETAG, tag.to_string()))
        .insert_header((header::CACHE_CONTROL, REVALIDATE))
        .json(thing)
}
