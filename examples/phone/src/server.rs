//! The four requests that a phone sends.

use std::io;
use std::sync::Arc as Shared;
use std::time::Duration;

use chrono::Utc;
use serde::Deserialize;
use serde_json::json;
use ureq::Agent;
use ureq::tls::TlsConfig;
use uuid::Uuid;

use crate::body::{Body, unpacked};
use crate::enrol::Identity;
use crate::reply::{BatchReply, Fault, Granted, ItemResult, Reply, wait_of};

/// Timeouts.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the connection.
    pub connect: Duration,
    /// For the whole request and its reply.
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

/// The service, seen from a phone.
#[derive(Clone, Debug)]
pub struct Server {
    base: String,
    agent: Agent,
}

impl Server {
    /// `base` is the address of the service, such as `https://iku.example.go.id`.
    pub fn new(base: &str, patience: Patience) -> Self {
        let provider = Shared::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            // The service never redirects. A hotel's sign-in page does.
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

    /// Signs in: `POST /v1/auth/token`. The token is valid for 15 minutes.
    pub fn sign_in(&self, actor: &Identity) -> Result<String, Fault> {
        #[derive(Deserialize)]
        struct Token {
            access_token: String,
        }
        // UUIDs and base64url need no escaping.
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            actor.client_id, actor.secret
        );
        let reply = self.post("/v1/auth/token", FORM, None, &Body::new(form))?;
        Ok(reply.expect::<Token>(200)?.access_token)
    }

    /// Sends answers: `POST /v1/responses/batch`. A reply must have a result for each of `ids`, in the same order.
    /// Otherwise it is not from the service, and the phone purges nothing.
    pub fn send(&self, token: &str, body: &Body, ids: &[Uuid]) -> Result<BatchReply, Fault> {
        let reply = self.post("/v1/responses/batch", JSON, Some(token), body)?;
        let reply: BatchReply = reply.expect(207)?;
        let matches = |(at, (result, id)): (usize, (&ItemResult, &Uuid))| {
            result.index == at && result.id.as_str().and_then(|text| Uuid::parse_str(text).ok()) == Some(*id)
        };
        match reply.results.len() == ids.len() && reply.results.iter().zip(ids).enumerate().all(matches) {
            true => Ok(reply),
            false => Err(Fault::Lost("the reply does not match the batch".to_owned())),
        }
    }

    /// Returns the ids that the service knows: `POST /v1/responses/status`.
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
        let mut reply = request.send(&body.bytes[..]).map_err(without_reply)?;
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
        let bytes = reply.body_mut().read_to_vec().map_err(without_reply)?;
        let bytes = if packed { unpacked(&bytes)? } else { bytes };
        Ok(Reply {
            status,
            retry_after,
            bytes,
        })
    }
}

/// Returns the body of a status request.
pub fn status_body(ids: &[Uuid]) -> Body {
    Body::new(json!({ "ids": ids }).to_string())
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Decides whether the request was sent. In doubt it may have been.
fn without_reply(e: ureq::Error) -> Fault {
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
