//! The files of the pages: stylesheets, scripts, an icon. They are part of the program.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use super::answer::POLICY;
use crate::platform::error::Error;
use crate::platform::fingerprint::sha256_hex;
use crate::platform::http::cached_response::PublicFile;

/// A name, a media type and the bytes.
type File = (&'static str, &'static str, &'static [u8]);

const FILES: [File; 6] = [
    ("iku.css", "text/css; charset=utf-8", include_bytes!("assets/iku.css")),
    (
        "iku.js",
        "text/javascript; charset=utf-8",
        include_bytes!("assets/iku.js"),
    ),
    ("iku.svg", "image/svg+xml", include_bytes!("assets/iku.svg")),
    (
        "counter.css",
        "text/css; charset=utf-8",
        include_bytes!("assets/counter.css"),
    ),
    (
        "counter.js",
        "text/javascript; charset=utf-8",
        include_bytes!("assets/counter.js"),
    ),
    (
        "sw.js",
        "text/javascript; charset=utf-8",
        include_bytes!("assets/sw.js"),
    ),
];

struct Made {
    name: &'static str,
    address: String,
    file: PublicFile,
}

static MADE: LazyLock<Vec<Made>> = LazyLock::new(|| {
    let made = FILES.map(|(name, media, bytes)| Made {
        name,
        address: format!("/aset/{name}?v={}", sha256_hex(bytes).get(..12).unwrap_or_default()),
        file: PublicFile::new(media, bytes),
    });
    made.into()
});

/// Returns the address of a file, which changes with its content.
pub fn address(name: &str) -> &'static str {
    MADE.iter()
        .find(|made| made.name == name)
        .map_or("", |made| made.address.as_str())
}

/// Returns a file that browsers ask for again.
pub fn plain(name: &str, req: &HttpRequest) -> Result<HttpResponse, Error> {
    let made = MADE
        .iter()
        .find(|made| made.name == name)
        .ok_or_else(Error::not_found)?;
    let mut response = made.file.respond(req);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

/// Returns a file. Browsers keep it as long as its address is the same.
pub async fn file(req: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Error> {
    let mut response = plain(&name, &req)?;
    let asked = req.uri().path_and_query();
    if asked.is_some_and(|asked| asked.as_str() == address(&name)) {
        response.headers_mut().insert(
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        );
    }
    Ok(response)
}
