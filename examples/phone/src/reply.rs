//! The replies of the service, and what they mean for a phone.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// The reason why a request got no usable reply. It says whether the service may have received the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There was no connection: the service did not receive the request.
    NoConnection(String),
    /// The request may have arrived, but the reply is missing, incomplete, or not from the service.
    Lost(String),
    /// 401: the token has expired or was revoked.
    Unauthorised,
    /// 413: the body is larger than the service accepts.
    TooLarge,
    /// 429 or 503: try again later, after this wait if the service named one.
    Busy(Option<Duration>),
    /// Another 5xx.
    Failed(u16),
    /// Another 4xx: the service would refuse the same request again. The program is wrong, or the phone lacks a permission.
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

/// The result of one answer of a batch.
#[derive(Clone, Debug, Deserialize)]
pub struct ItemResult {
    pub index: usize,
    /// The id, as it was sent.
    pub id: Value,
    pub outcome: Outcome,
    #[serde(default)]
    pub errors: Value,
    /// The members of the answer that the service did not understand, as pointers. The answer is stored without them.
    #[serde(default)]
    pub ignored: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Stored now.
    Created,
    /// The same content was stored before.
    AlreadyStored,
    /// Other content is stored under this id; an officer decides on this answer.
    Conflict,
    /// The service will never accept it.
    Rejected,
    /// Stored, and counted if an officer releases it.
    Quarantined,
    /// Not stored now: keep it and send it again later.
    Deferred,
    /// An outcome that this version does not know. It is always safe to keep the answer.
    #[serde(other)]
    Unknown,
}

impl Outcome {
    /// Returns whether the phone may purge its copy.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Deferred | Self::Unknown)
    }

    /// Returns whether a person must see the answer.
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

/// A reply before it is parsed.
pub struct Reply {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub bytes: Vec<u8>,
}

impl Reply {
    /// Returns the body if the reply has this status, and the fault otherwise.
    pub fn expect<T: DeserializeOwned>(self, status: u16) -> Result<T, Fault> {
        match self.status {
            s if s == status => serde_json::from_slice(&self.bytes)
                .map_err(|_| Fault::Lost("the reply is not the service's; is there a sign-in page?".to_owned())),
            401 => Err(Fault::Unauthorised),
            413 => Err(Fault::TooLarge),
            429 | 503 => Err(Fault::Busy(self.retry_after)),
            // A 4xx of the service has a problem document. Any other 4xx comes from a program in between.
            status @ 400..500 => match serde_json::from_slice::<Value>(&self.bytes) {
                Ok(problem) if problem["code"].is_string() => Err(Fault::Refused {
                    status,
                    text: describe(&problem),
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

/// Returns title and detail of a problem document, for a person.
fn describe(problem: &Value) -> String {
    let parts = ["title", "detail"].map(|name| problem[name].as_str().unwrap_or_default());
    let parts = parts.iter().filter(|part| !part.is_empty());
    parts.copied().collect::<Vec<_>>().join(": ")
}

/// Parses `Retry-After`: seconds or a date (RFC 9110).
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
            Self::Unauthorised => write!(f, "the service does not know this phone, or its secret was replaced"),
            Self::TooLarge => write!(f, "the body is larger than the service accepts"),
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
    fn a_reply_that_is_not_from_the_service_counts_as_lost() {
        let fault = |status, body| reply(status, body).expect::<BatchReply>(207).map(|_| ()).unwrap_err();
        assert!(matches!(fault(200, "<html>Welcome to our hotel"), Fault::Lost(_)));
        assert!(matches!(fault(207, "<html>"), Fault::Lost(_)));
        assert!(matches!(fault(302, ""), Fault::Lost(_)));
        assert!(matches!(fault(404, "<html>nginx"), Fault::Lost(_)));
        assert!(matches!(
            fault(400, r#"{"code": "invalid_body"}"#),
            Fault::Refused { status: 400, .. }
        ));
        assert_eq!(fault(401, ""), Fault::Unauthorised);
        assert_eq!(fault(413, ""), Fault::TooLarge);
        assert_eq!(fault(503, ""), Fault::Busy(None));
        assert_eq!(fault(502, "<html>"), Fault::Failed(502));
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
    fn an_unknown_outcome_is_not_final() {
        let result: ItemResult = serde_json::from_str(r#"{"index": 0, "id": "x", "outcome": "parked"}"#).unwrap();
        assert!(result.outcome == Outcome::Unknown && !result.outcome.is_final());
    }
}
