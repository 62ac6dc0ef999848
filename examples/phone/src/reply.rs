//! What the service answers, and what it means for a phone.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// Why a request had no usable reply. The one thing to know: was anything sent?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There was no connection: the service knows nothing of the request.
    NoConnection(String),
    /// The request may have arrived; its reply did not, or not whole, or it is not the service's.
    Lost(String),
    /// 401: the token is too old, or not good any more.
    Unauthorised,
    /// 413: more than the service takes at once.
    TooLarge,
    /// 429 or 503: come again later, not before this long when the service said so.
    Busy(Option<Duration>),
    /// Another 5xx.
    Failed(u16),
    /// Another 4xx: asked again it would be refused again. A fault of this program, or of the phone's rights.
    Refused { status: u16, text: String },
}

/// The reply to an enrolment.
#[derive(Clone, Debug, Deserialize)]
pub struct Granted {
    pub client_id: Uuid,
    pub name: String,
    pub district_code: Option<String>,
}

/// The reply to a batch.
#[derive(Clone, Debug, Deserialize)]
pub struct BatchReply {
    pub results: Vec<ItemResult>,
}

/// What became of one answer of a batch.
#[derive(Clone, Debug, Deserialize)]
pub struct ItemResult {
    pub index: usize,
    /// As it was sent.
    pub id: Value,
    pub outcome: Outcome,
    #[serde(default)]
    pub errors: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Stored now.
    Created,
    /// The same content was stored before.
    AlreadyStored,
    /// Other content is stored under this id; this answer is set aside for an officer.
    Conflict,
    /// Never acceptable.
    Rejected,
    /// Stored, and counted when an officer releases it.
    Quarantined,
    /// Not now: keep it and send it again later.
    Deferred,
    /// A word that this version does not know. Keeping the answer is always safe.
    #[serde(other)]
    Unknown,
}

impl Outcome {
    /// Final: the phone's copy is not needed any more.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Deferred | Self::Unknown)
    }

    /// Final, and a person must look at it.
    pub fn is_problem(self) -> bool {
        matches!(self, Self::Conflict | Self::Rejected)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::AlreadyStored => "already_stored",
            Self::Conflict => "conflict",
            Self::Rejected => "rejected",
            Self::Quarantined => "quarantined",
            Self::Deferred => "deferred",
            Self::Unknown => "unknown",
        }
    }
}

/// A reply as it came.
pub struct Reply {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub bytes: Vec<u8>,
}

impl Reply {
    /// The body, if this is the reply that was hoped for; the fault otherwise.
    pub fn expect<T: DeserializeOwned>(self, status: u16) -> Result<T, Fault> {
        match self.status {
            s if s == status => serde_json::from_slice(&self.bytes)
                .map_err(|_| Fault::Lost("the reply is not the service's; is there a sign-in page?".to_owned())),
            401 => Err(Fault::Unauthorised),
            413 => Err(Fault::TooLarge),
            429 | 503 => Err(Fault::Busy(self.retry_after)),
            // The service says why in a problem document; a 4xx without one comes from something in between.
            status @ 400..500 => match serde_json::from_slice::<Value>(&self.bytes) {
                Ok(problem) if problem["code"].is_string() => Err(Fault::Refused {
                    status,
                    text: said(&problem),
                }),
                _ => Err(Fault::Lost(format!(
                    "status {status} from something that is not the service"
                ))),
            },
            status @ 500.. => Err(Fault::Failed(status)),
            status => Err(Fault::Lost(format!(
                "status {status} from something that is not the service"
            ))),
        }
    }
}

/// Title and detail of a problem document, for a person.
fn said(problem: &Value) -> String {
    let parts = ["title", "detail"].map(|name| problem[name].as_str().unwrap_or_default());
    let parts = parts.iter().filter(|part| !part.is_empty());
    parts.copied().collect::<Vec<_>>().join(": ")
}

/// Seconds or a date, as RFC 9110 has it.
pub fn wait_of(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    Some((at.to_utc() - now).to_std().unwrap_or_default())
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnection(text) => write!(f, "no connection: {text}"),
            Self::Lost(text) => write!(f, "no reply: {text}"),
            Self::Unauthorised => write!(
                f,
                "the service does not know this phone, or its secret is not good any more"
            ),
            Self::TooLarge => write!(f, "more than the service takes at once"),
            Self::Busy(_) => write!(f, "the service is busy"),
            Self::Failed(status) => write!(f, "the service failed ({status})"),
            Self::Refused { status, text } => write!(f, "refused ({status}): {text}"),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            retry_after: None,
            bytes: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn only_the_services_own_reply_counts() {
        let judged = |status, body| reply(status, body).expect::<BatchReply>(207).map(|_| ()).unwrap_err();
        assert!(matches!(judged(200, "<html>Welcome to our hotel"), Fault::Lost(_)));
        assert!(matches!(judged(207, "<html>"), Fault::Lost(_)));
        assert!(matches!(judged(302, ""), Fault::Lost(_)));
        assert!(matches!(judged(404, "<html>nginx"), Fault::Lost(_)));
        assert!(matches!(
            judged(400, r#"{"code": "invalid_body"}"#),
            Fault::Refused { status: 400, .. }
        ));
        assert_eq!(judged(401, ""), Fault::Unauthorised);
        assert_eq!(judged(413, ""), Fault::TooLarge);
        assert_eq!(judged(503, ""), Fault::Busy(None));
        assert_eq!(judged(502, "<html>"), Fault::Failed(502));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = DateTime::parse_from_rfc3339("2025-03-14T04:00:00Z").unwrap().to_utc();
        assert_eq!(wait_of("7", now), Some(Duration::from_secs(7)));
        let date = "Fri, 14 Mar 2025 04:01:00 GMT";
        assert_eq!(wait_of(date, now), Some(Duration::from_secs(60)));
        assert_eq!(wait_of("Fri, 14 Mar 2025 03:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(wait_of("soon", now), None);
    }

    #[test]
    fn an_unknown_outcome_is_kept() {
        let result: ItemResult = serde_json::from_str(r#"{"index": 0, "id": "x", "outcome": "parked"}"#).unwrap();
        assert!(result.outcome == Outcome::Unknown && !result.outcome.is_final());
    }
}
