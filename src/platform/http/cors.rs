//! Pages of other origins that may ask: those of the settings, by name, and never with cookies.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue,
    ORIGIN, VARY,
};

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
/// What a page may send. `Authorization` must be named: `*` does not cover it.
const TAKEN: &str = "Authorization, Content-Type, Content-Encoding, Accept-Language, If-Match, If-None-Match, \
                     X-Request-Id, traceparent, tracestate";
/// What a page may read of an answer, beside what any may.
const EXPOSED: &str = "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, API-Version, \
                       Deprecation, Sunset, traceparent, WWW-Authenticate, Allow";
/// Seconds for which a browser need not ask again; none keeps it longer than two hours.
const KEPT: &str = "7200";

/// The origins whose pages may ask; by default none.
#[derive(Clone, Debug, Default)]
pub struct Cors(Vec<String>);

impl Cors {
    /// As browsers write them: `https://dasbor.example.go.id`, with a port unless it is the scheme's own.
    pub fn new(origins: Vec<String>) -> Self {
        Self(origins)
    }

    /// The origin, if its pages may ask.
    fn allowed<'a>(&self, origin: Option<&'a HeaderValue>) -> Option<&'a HeaderValue> {
        origin.filter(|given| self.0.iter().any(|origin| origin.as_bytes() == given.as_bytes()))
    }

    /// The answer to the question that a browser asks before it sends what a page wants to send.
    pub fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<HttpResponse> {
        if *method != Method::OPTIONS || !headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            return None;
        }
        self.allowed(headers.get(ORIGIN))?;
        let mut answer = HttpResponse::NoContent();
        answer
            .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
            .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, TAKEN))
            .insert_header((ACCESS_CONTROL_MAX_AGE, KEPT));
        Some(answer.finish())
    }

    /// Lets the page that asked read the answer. What anybody may read stays as it is.
    pub fn tell(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        if self.0.is_empty() || headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
            return;
        }
        // Also for those who may not: a cache must not give them the answer of one who may.
        also_by_origin(headers);
        if let Some(origin) = self.allowed(origin) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
    }
}

fn also_by_origin(headers: &mut HeaderMap) {
    let named = headers.get(VARY).and_then(|v| v.to_str().ok());
    let all = named.map_or_else(|| "Origin".to_owned(), |named| format!("{named}, Origin"));
    if let Ok(all) = HeaderValue::from_str(&all) {
        headers.insert(VARY, all);
    }
}
