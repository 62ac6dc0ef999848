//! Swagger UI, from files inside the program: nothing is fetched from elsewhere.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use utoipa_swagger_ui::{Config, serve};

use crate::platform::error::{Code, Error};
use crate::platform::fingerprint;
use crate::platform::http::ETag;

/// Swagger UI sets style attributes; everything else comes from here and stays here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::new(["/openapi.json"])
        // A browser's storage outlives the sign-in: it must never hold a password, a secret or a token.
        .persist_authorization(false)
        .deep_linking(true)
        .try_it_out_enabled(true)
        .filter(true)
        // A hundred operations are a long page: the groups alone are its table of contents.
        .doc_expansion("none")
        .use_base_layout()
        .display_request_duration(true)
        .validator_url("none");
    Arc::new(config)
});

pub fn configure(c: &mut web::ServiceConfig) {
    let only_get = || web::to(only_get);
    c.service(
        web::resource("/")
            .route(web::get().to(home))
            .default_service(only_get()),
    )
    .service(
        web::resource("/swagger-ui")
            .route(web::get().to(home))
            .default_service(only_get()),
    )
    .service(
        web::resource("/swagger-ui/{file:.*}")
            .route(web::get().to(file))
            .default_service(only_get()),
    );
}

async fn home() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, "/swagger-ui/"))
        .finish()
}

async fn only_get() -> Result<HttpResponse, Error> {
    Err(Error {
        allow: Some("GET, HEAD".into()),
        ..Error::new(Code::MethodNotAllowed)
    })
}

#[derive(Clone)]
struct Asset {
    bytes: Bytes,
    media: String,
    tag: ETag,
}

/// A file by its name; each is digested once.
fn asset(name: &str) -> Result<Asset, Error> {
    static KNOWN: LazyLock<RwLock<HashMap<String, Asset>>> = LazyLock::new(RwLock::default);
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(name) {
        return Ok(known.clone());
    }
    let found = serve(name, Arc::clone(&CONFIG)).map_err(|e| Error::internal(e.to_string()))?;
    let found = found.ok_or_else(Error::not_found)?;
    let asset = Asset {
        tag: ETag::of_digest(fingerprint::of_bytes(&found.bytes)),
        bytes: Bytes::from(found.bytes.into_owned()),
        media: found.content_type,
    };
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    known.insert(name.to_owned(), asset.clone());
    Ok(asset)
}

async fn file(req: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Error> {
    let name = match name.as_str() {
        "" => "index.html",
        name => name,
    };
    let asset = asset(name)?;
    let known = asset.tag.matches_if_none_match(req.headers(), true);
    let mut response = if known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    // The bundle's names do not change with its version: kept for a day, then asked for again.
    let keep = match name {
        "index.html" | "swagger-initializer.js" => "public, no-cache",
        _ => "public, max-age=86400",
    };
    response
        .insert_header((header::ETAG, asset.tag.to_string()))
        .insert_header((header::CACHE_CONTROL, keep))
        .insert_header((HeaderName::from_static("content-security-policy"), POLICY));
    Ok(match known {
        true => response.finish(),
        false => response.content_type(asset.media).body(asset.bytes),
    })
}
