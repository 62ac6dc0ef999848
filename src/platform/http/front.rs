//! What every answer carries, whatever was asked, as far as the settings say so.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::cors::Cors;
use super::limits::Limits;
use super::visit::Visit;
use crate::platform::trace::{REQUEST_ID, TRACEPARENT};

const API_VERSION: HeaderName = HeaderName::from_static("api-version");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// On every answer.
const ALWAYS: [(HeaderName, &str); 3] = [
    (API_VERSION, env!("CARGO_PKG_VERSION")),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];
/// On every answer that does not know better.
const BY_DEFAULT: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (RESOURCE_POLICY, "same-origin"),
];
/// A year.
const HTTPS_ONLY: &str = "max-age=31536000";

/// One for the whole service, shared by all workers. By default nothing is limited, and no other origin may ask.
#[derive(Debug, Default)]
pub struct Front {
    pub limits: Limits,
    pub cors: Cors,
    /// People reach the service by https: browsers are to forget that there is http (RFC 6797).
    pub https: bool,
}

impl Front {
    /// Puts the headers of every answer on one.
    pub fn finish(&self, visit: &Visit, headers: &mut HeaderMap) {
        let ids = [
            (REQUEST_ID, &visit.ids.request_id),
            (TRACEPARENT, &visit.ids.traceparent),
        ];
        for (name, id) in ids {
            if let Ok(value) = HeaderValue::from_str(id) {
                headers.insert(name, value);
            }
        }
        for (name, value) in ALWAYS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        for (name, value) in BY_DEFAULT {
            if !headers.contains_key(&name) {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        if self.https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
        }
        self.limits.tell(visit, headers);
        self.cors.tell(visit.origin.as_ref(), headers);
    }
}
