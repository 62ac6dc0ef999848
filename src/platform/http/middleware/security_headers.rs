//! The headers of every response, unless its handler has set another value.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::DefaultHeaders;

const API_VERSION: HeaderName = HeaderName::from_static("api-version");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A year.
const HTTPS_ONLY: &str = "max-age=31536000";

/// `https`: people reach the service by https, so browsers must not use http any more (RFC 6797).
pub fn security_headers(https: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((API_VERSION, env!("CARGO_PKG_VERSION")))
        .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((REFERRER_POLICY, "no-referrer"))
        .add((CACHE_CONTROL, "no-store"))
        .add((CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        .add((CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"));
    match https {
        true => headers.add((STRICT_TRANSPORT_SECURITY, HTTPS_ONLY)),
        false => headers,
    }
}
