//! The ids of a request, in its response and in every log line that it causes (W3C Trace Context).

use std::hash::{BuildHasher, Hasher, RandomState};

use actix_web::http::header::{HeaderMap, HeaderName};
use tracing::{Span, error_span};
use uuid::Uuid;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

#[derive(Debug)]
pub struct TraceContext {
    /// The caller's `X-Request-Id` when it is a plain token, else a new UUID.
    pub request_id: String,
    /// The caller's trace with a new span id; a new trace if the caller sent none, or an invalid one.
    pub traceparent: String,
}

impl TraceContext {
    pub fn of(headers: &HeaderMap) -> Self {
        let mut traceparent = String::with_capacity(55);
        traceparent.push_str("00-");
        let (given, flags) = match given_trace(headers) {
            Some((trace, flags)) => (Some(trace), flags),
            // Not sampled: this service does not record spans.
            None => (None, "00"),
        };
        match given {
            Some(trace) => traceparent.push_str(trace),
            None => {
                push_hex(&mut traceparent, random());
                push_hex(&mut traceparent, random());
            }
        }
        traceparent.push('-');
        push_hex(&mut traceparent, random());
        traceparent.push('-');
        traceparent.push_str(flags);
        Self {
            request_id: given_id(headers).map_or_else(|| Uuid::new_v4().to_string(), str::to_owned),
            traceparent,
        }
    }

    /// Returns the span that gives both ids to every log line. Its level is error, so that error lines have the ids
    /// under every filter.
    pub fn span(&self) -> Span {
        error_span!("request", request_id = self.request_id, trace_id = self.trace_id())
    }

    pub fn trace_id(&self) -> &str {
        self.traceparent.get(3..35).unwrap_or_default()
    }
}

fn given_id(headers: &HeaderMap) -> Option<&str> {
    let plain = |s: &&str| (1..=64).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    headers.get(REQUEST_ID)?.to_str().ok().filter(plain)
}

/// Returns trace id and flags of a `traceparent`. A later version is read as far as this version knows it.
pub fn given_trace(headers: &HeaderMap) -> Option<(&str, &str)> {
    let mut given = headers.get_all(TRACEPARENT);
    let only = given.next().filter(|_| given.next().is_none())?.to_str().ok()?;
    let mut parts = only.splitn(5, '-');
    let version = parts.next().filter(|v| is_hex(v, 2) && *v != "ff")?;
    let trace = parts.next().filter(|t| is_hex(t, 32) && is_nonzero(t))?;
    parts.next().filter(|p| is_hex(p, 16) && is_nonzero(p))?;
    let flags = parts.next().filter(|f| is_hex(f, 2))?;
    (version != "00" || parts.next().is_none()).then_some((trace, flags))
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// All zeros mean "none".
fn is_nonzero(id: &str) -> bool {
    id.bytes().any(|b| b != b'0')
}

/// Returns a random number, never 0. Each `RandomState` has new keys; asking the system for random bytes takes ten
/// times as long.
fn random() -> u64 {
    RandomState::new().build_hasher().finish().max(1)
}

/// Appends 16 digits. Every request needs them, and `format!` takes three times as long.
fn push_hex(text: &mut String, number: u64) {
    let digits = (0..16).rev().filter_map(|place| {
        let digit = u32::try_from(number >> (4 * place) & 0xf).ok()?;
        char::from_digit(digit, 16)
    });
    text.extend(digits);
}
