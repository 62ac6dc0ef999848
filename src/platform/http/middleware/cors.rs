//! Web pages of other origins may use the service if the settings name their origin. Cookies are never used.

use actix_cors::Cors;
use actix_web::middleware::Condition;

/// Request headers that a page may send.
const ALLOWED_HEADERS: [&str; 10] = [
    "Authorization",
    "Content-Type",
    "Content-Encoding",
    "Idempotency-Key",
    "Accept-Language",
    "If-Match",
    "If-None-Match",
    "X-Request-Id",
    "traceparent",
    "tracestate",
];

/// Response headers that a page may read, beside the safelisted ones.
const EXPOSED_HEADERS: [&str; 13] = [
    "ETag",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-Id",
    "API-Version",
    "Deprecation",
    "Sunset",
    "traceparent",
    "WWW-Authenticate",
    "Allow",
];

/// The seconds for which a browser may cache the permission. Two hours are the limit of browsers.
const MAX_AGE: usize = 7200;

/// `origins`: as browsers write them (`https://dasbor.example.go.id`), with a port unless it is the scheme's own.
pub fn cors(origins: &[String]) -> Condition<Cors> {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers(ALLOWED_HEADERS)
        .expose_headers(EXPOSED_HEADERS)
        .max_age(MAX_AGE);
    let allow = |cors: Cors, origin: &String| cors.allowed_origin(origin);
    Condition::new(!origins.is_empty(), origins.iter().fold(cors, allow))
}
