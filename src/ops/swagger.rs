//! Swagger UI from files inside the program. The browser loads nothing from other servers.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Resource, Route, web};
use utoipa_swagger_ui::{Config, serve};

use crate::platform::error::Error;
use crate::platform::http::cached_response::PublicFile;
use crate::platform::http::middleware::methods::options;

/// Swagger UI sets style attributes. Everything else is loaded from this service and sent to it only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// The page and its parts: Swagger UI's own page has another title, no favicon, a form with a box for each scope, and
/// operations of ten thousand pixels.
const OURS: [(&str, &str, &str); 4] = [
    (
        "index.html",
        "text/html; charset=utf-8",
        include_str!("swagger/index.html"),
    ),
    (
        "page.js",
        "text/javascript; charset=utf-8",
        include_str!("swagger/page.js"),
    ),
    ("page.css", "text/css; charset=utf-8", include_str!("swagger/page.css")),
    ("favicon.svg", "image/svg+xml", include_str!("swagger/favicon.svg")),
];

/// The files of Swagger UI that the page loads.
const BUNDLE: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

pub fn configure(c: &mut web::ServiceConfig) {
    c.service(only_read("/swagger-ui", web::get().to(home)))
        .service(only_read("/swagger-ui/{file:.*}", web::get().to(file)));
}

/// A page that can only be read. The document, which has the methods of all other paths, leaves it out.
pub fn only_read(path: &str, get: Route) -> Resource {
    web::resource(path).route(get).default_service(web::to(only_get))
}

async fn home() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, "/swagger-ui/"))
        .finish()
}

async fn only_get(req: HttpRequest) -> Result<HttpResponse, Error> {
    const ALLOW: &str = "GET, HEAD, OPTIONS";
    match *req.method() {
        Method::OPTIONS => Ok(options(ALLOW, &[])),
        _ => Err(Error::method_not_allowed(ALLOW)),
    }
}

/// Makes a file by its name.
fn made(name: &str) -> Result<PublicFile, Error> {
    if let Some((_, media, text)) = OURS.iter().find(|(ours, ..)| *ours == name) {
        return Ok(PublicFile::new(*media, *text));
    }
    if !BUNDLE.contains(&name) {
        return Err(Error::not_found());
    }
    let found = serve(name, Arc::new(Config::default())).map_err(|e| Error::internal(e.to_string()))?;
    let found = found.ok_or_else(Error::not_found)?;
    Ok(PublicFile::new(found.content_type, found.bytes.into_owned()))
}

/// Returns a file by its name. Its digest is computed once.
fn asset(name: &str) -> Result<PublicFile, Error> {
    static KNOWN: LazyLock<RwLock<HashMap<String, PublicFile>>> = LazyLock::new(RwLock::default);
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(name) {
        return Ok(known.clone());
    }
    let asset = made(name)?;
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    known.insert(name.to_owned(), asset.clone());
    Ok(asset)
}

async fn file(req: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Error> {
    let name = match name.as_str() {
        "" => "index.html",
        name => name,
    };
    let mut response = asset(name)?.respond(&req);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // The names of the bundle do not change with its version, so a cache stores these files for a day only.
    if BUNDLE.contains(&name) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    }
    Ok(response)
}
