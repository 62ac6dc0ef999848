//! The four requests that a phone makes, and what can go wrong with each.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc as Shared;
use std::time::Duration;

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::tls::TlsConfig;
use uuid::Uuid;

use crate::enrol::Identity;

/// A shorter body is not worth compressing.
const WORTH_GZIP: usize = 600;
/// No reply to a phone is longer, however it was compressed.
const LONGEST_REPLY: u64 = 4 << 20;

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
    /// Other content is stored under this id; this one is kept aside for an officer.
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

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For a whole request and its reply.
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            whole: Duration::from_secs(60),
        }
    }
}

/// The service, as a phone sees it.
#[derive(Clone, Debug)]
pub struct Server {
    base: String,
    agent: Agent,
}

/// A body as it goes over the air: compressed when that makes it shorter.
#[derive(Clone, Debug)]
pub struct Body {
    bytes: Vec<u8>,
    gzip: bool,
}

impl Body {
    pub fn new(text: String) -> Self {
        if text.len() >= WORTH_GZIP
            && let Ok(packed) = gzip(text.as_bytes())
            && packed.len() + 24 < text.len()
        {
            return Self {
                bytes: packed,
                gzip: true,
            };
        }
        Self {
            bytes: text.into_bytes(),
            gzip: false,
        }
    }

    /// Bytes over the air, the head of the request aside.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl Server {
    /// `base` such as `https://iku.example.go.id`.
    pub fn new(base: &str, patience: Patience) -> Self {
        let provider = Shared::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            // Whoever redirects is not the service: a hotel's sign-in page, say.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(patience.connect))
            .timeout_global(Some(patience.whole))
            .user_agent(concat!("iku-phone/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Self {
            base: base.trim_end_matches('/').to_owned(),
            agent,
        }
    }

    /// Exchanges a code for a credential: `POST /v1/auth/enrolments`.
    pub fn enrol(&self, code: &str, secret: &str) -> Result<Granted, Fault> {
        let body = Body::new(json!({"code": code, "secret": secret}).to_string());
        self.post("/v1/auth/enrolments", JSON, None, &body)?.expect(200)
    }

    /// Signs in: `POST /v1/auth/token`. The token is good for about 15 minutes.
    pub fn sign_in(&self, who: &Identity) -> Result<String, Fault> {
        #[derive(Deserialize)]
        struct Token {
            access_token: String,
        }
        // Neither a UUID nor base64url needs escaping.
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            who.client_id, who.secret
        );
        let reply = self.post("/v1/auth/token", FORM, None, &Body::new(form))?;
        Ok(reply.expect::<Token>(200)?.access_token)
    }

    /// Sends answers: `POST /v1/responses/batch`. A reply that does not speak of each of `ids`, in their order, is not
    /// a reply: nothing may be purged by it.
    pub fn send(&self, token: &str, body: &Body, ids: &[Uuid]) -> Result<BatchReply, Fault> {
        let reply = self.post("/v1/responses/batch", JSON, Some(token), body)?;
        let reply: BatchReply = reply.expect(207)?;
        let speaks_of = |(at, (result, id)): (usize, (&ItemResult, &Uuid))| {
            result.index == at && result.id.as_str().and_then(|text| Uuid::parse_str(text).ok()) == Some(*id)
        };
        match reply.results.len() == ids.len() && reply.results.iter().zip(ids).enumerate().all(speaks_of) {
            true => Ok(reply),
            false => Err(Fault::Lost("the reply does not match the batch".to_owned())),
        }
    }

    /// Which of these does the service have? `POST /v1/responses/status`.
    pub fn known(&self, token: &str, ids: &[Uuid]) -> Result<Vec<Uuid>, Fault> {
        #[derive(Deserialize)]
        struct Statuses {
            results: Vec<Status>,
        }
        #[derive(Deserialize)]
        struct Status {
            id: Uuid,
            known: bool,
        }
        let reply = self.post("/v1/responses/status", JSON, Some(token), &status_body(ids))?;
        let statuses: Statuses = reply.expect(200)?;
        Ok(statuses.results.into_iter().filter(|s| s.known).map(|s| s.id).collect())
    }

    fn post(&self, path: &str, content_type: &str, token: Option<&str>, body: &Body) -> Result<Reply, Fault> {
        let mut request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("content-type", content_type)
            .header("accept-encoding", "gzip");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.gzip {
            request = request.header("content-encoding", "gzip");
        }
        let mut reply = request.send(&body.bytes[..]).map_err(not_answered)?;
        let header = |name: &str| {
            reply
                .headers()
                .get(name)
                .and_then(|v| v.to_str().ok())
                .map(str::to_owned)
        };
        let packed = header("content-encoding").is_some_and(|coding| coding == "gzip");
        let retry_after = header("retry-after").and_then(|text| wait_of(&text, Utc::now()));
        let status = reply.status().as_u16();
        let bytes = reply.body_mut().read_to_vec().map_err(not_answered)?;
        let bytes = if packed { unpacked(&bytes)? } else { bytes };
        Ok(Reply {
            status,
            retry_after,
            bytes,
        })
    }
}

/// The body of a status request.
pub fn status_body(ids: &[Uuid]) -> Body {
    Body::new(json!({ "ids": ids }).to_string())
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

struct Reply {
    status: u16,
    retry_after: Option<Duration>,
    bytes: Vec<u8>,
}

impl Reply {
    /// The body, if this is the reply that was hoped for; the fault otherwise.
    fn expect<T: DeserializeOwned>(self, status: u16) -> Result<T, Fault> {
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
fn wait_of(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    Some((at.to_utc() - now).to_std().unwrap_or_default())
}

/// Did the request leave? In doubt: perhaps.
fn not_answered(e: ureq::Error) -> Fault {
    use io::ErrorKind as K;
    let text = e.to_string();
    match e {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::Tls(_) => Fault::NoConnection(text),
        ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => Fault::NoConnection(text),
        ureq::Error::Io(io)
            if matches!(
                io.kind(),
                K::ConnectionRefused | K::NetworkUnreachable | K::HostUnreachable | K::AddrNotAvailable
            ) =>
        {
            Fault::NoConnection(text)
        }
        _ => Fault::Lost(text),
    }
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes)?;
    packer.finish()
}

fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut whole = Vec::new();
    GzDecoder::new(bytes)
        .take(LONGEST_REPLY)
        .read_to_end(&mut whole)
        .map_err(|e| Fault::Lost(format!("the reply is cut: {e}")))?;
    Ok(whole)
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

    #[test]
    fn bodies_are_compressed_when_it_pays() {
        let short = Body::new("{}".to_owned());
        let long = Body::new("abcdef".repeat(1000));
        assert!(!short.gzip && short.len() == 2);
        assert!(long.gzip && long.len() < 200);
        assert_eq!(unpacked(&long.bytes).unwrap().len(), 6000);
        assert!(unpacked(&long.bytes[..long.len() - 1]).is_err());
    }
}
