//! Swagger UI, from files inside the program: nothing is fetched from elsewhere.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa_swagger_ui::{Config, serve};

use crate::platform::error::Error;
use crate::platform::http::cached_response::PublicFile;

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
    Err(Error::method_not_allowed("GET, HEAD"))
}

/// A file by its name; each is digested once.
fn asset(name: &str) -> Result<PublicFile, Error> {
    static KNOWN: LazyLock<RwLock<HashMap<String, PublicFile>>> = LazyLock::new(RwLock::default);
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(name) {
        return Ok(known.clone());
    }
    let found = serve(name, Arc::clone(&CONFIG)).map_err(|e| Error::internal(e.to_string()))?;
    let found = found.ok_or_else(Error::not_found)?;
    let asset = PublicFile::new(found.content_type, found.bytes.into_owned());
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
    if !matches!(name, "index.html" | "swagger-initializer.js") {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    }
    Ok(response)
}
