//! The clients of a world and the replies they get.

use std::future::Future;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;

use actix_http::{BoxedPayloadStream, Request};
use actix_web::body::to_bytes;
use actix_web::dev::{Payload, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::test::TestRequest;
use futures_util::stream;
use serde_json::Value;

use super::contract;

/// The address of clients: not this machine.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)), 50_000);

/// Calls the service in this process.
pub type Call = Rc<dyn Fn(Request) -> Pin<Box<dyn Future<Output = ServiceResponse>>>>;

/// Makes the token of a request.
pub type Token = Rc<dyn Fn() -> String>;

/// A caller of the service.
#[derive(Clone)]
pub struct Client {
    call: Call,
    token: Option<Token>,
    peer: SocketAddr,
    headers: Vec<(String, String)>,
    /// Whether the service was broken on purpose, so that a 500 is what the test expects.
    of_broken_service: bool,
    /// Whether its bodies never arrive.
    is_silent: bool,
}

impl Client {
    pub fn new(call: &Call, token: Option<Token>) -> Self {
        Self {
            call: Rc::clone(call),
            token,
            peer: PEER,
            headers: Vec::new(),
            of_broken_service: false,
            is_silent: false,
        }
    }

    /// Returns the same client, whose bodies never arrive.
    pub fn silent(&self) -> Client {
        Client {
            is_silent: true,
            ..self.clone()
        }
    }

    /// Returns the same client, for a service that was broken on purpose.
    pub fn of_broken_service(&self) -> Client {
        Client {
            of_broken_service: true,
            ..self.clone()
        }
    }

    /// Returns the token of a client that has one.
    pub fn token(&self) -> String {
        self.token.as_ref().unwrap()()
    }

    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Returns the same client with one more header.
    pub fn with(&self, name: &str, value: &str) -> Client {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// Returns the same client at another address, such as `192.0.2.7`.
    pub fn from(&self, address: &str) -> Client {
        Client {
            peer: SocketAddr::new(address.parse().unwrap(), PEER.port()),
            ..self.clone()
        }
    }

    pub fn in_english(&self) -> Client {
        self.with("accept-language", "en")
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "", Vec::new()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send("POST", path, "application/json", body.to_string().into_bytes())
            .await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.send("PUT", path, "application/json", body.to_string().into_bytes())
            .await
    }

    pub async fn post_form(&self, path: &str, form: &str) -> Reply {
        self.send(
            "POST",
            path,
            "application/x-www-form-urlencoded",
            form.as_bytes().to_vec(),
        )
        .await
    }

    /// OPTIONS, which a browser sends for a page of another origin.
    pub async fn preflight(&self, path: &str) -> Reply {
        self.send("OPTIONS", path, "", Vec::new()).await
    }

    /// PATCH with an ETag.
    pub async fn patch(&self, path: &str, etag: &str, body: Value) -> Reply {
        let client = self.with("if-match", etag);
        client
            .send(
                "PATCH",
                path,
                "application/merge-patch+json",
                body.to_string().into_bytes(),
            )
            .await
    }

    /// DELETE with an ETag and a reason.
    pub async fn delete(&self, path: &str, etag: &str) -> Reply {
        let separator = if path.contains('?') { '&' } else { '?' };
        self.with("if-match", etag)
            .send("DELETE", &format!("{path}{separator}reason=uji"), "", Vec::new())
            .await
    }

    pub async fn send(&self, method: &str, path: &str, content_type: &str, body: Vec<u8>) -> Reply {
        let mut req = TestRequest::with_uri(path)
            .method(method.parse().unwrap())
            .peer_addr(self.peer);
        if let Some(token) = &self.token {
            req = req.append_header(("authorization", format!("Bearer {}", token())));
        }
        for (name, value) in &self.headers {
            req = req.append_header((name.as_str(), value.as_str()));
        }
        if !content_type.is_empty() {
            req = req.insert_header(("content-type", content_type)).set_payload(body);
        }
        let mut req = req.to_request();
        if self.is_silent {
            let payload: BoxedPayloadStream = Box::pin(stream::pending());
            req = req.replace_payload(Payload::Stream { payload }).0;
        }
        let res = (self.call)(req).await;
        let (status, headers) = (res.status().as_u16(), res.headers().clone());
        let mut body = to_bytes(res.into_body()).await.unwrap().to_vec();
        if headers.get("content-encoding").is_some_and(|e| e == "gzip") {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(body.as_slice())
                .read_to_end(&mut plain)
                .unwrap();
            body = plain;
        }
        contract::check(method, path, status, &headers, &body);
        if !self.of_broken_service {
            assert_ne!(status, 500, "{method} {path}: {}", String::from_utf8_lossy(&body));
        }
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let reply = Reply {
            what: format!("{method} {path}"),
            status,
            headers,
            body,
            json,
        };
        if status >= 400 && reply.json["title"].is_string() {
            reply.check_texts();
        }
        reply
    }

    /// Returns every item of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let separator = if path.contains('?') { '&' } else { '?' };
            let page = if cursor.is_empty() {
                path.to_owned()
            } else {
                format!("{path}{separator}cursor={cursor}")
            };
            let page = self.get(&page).await.status(200).json;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return items,
            }
        }
    }
}

/// A reply that was already checked against the contract.
#[derive(Debug)]
pub struct Reply {
    what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub json: Value,
}

impl Reply {
    #[track_caller]
    pub fn status(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{}: {}",
            self.what,
            String::from_utf8_lossy(&self.body)
        );
        self
    }

    /// Removes the warnings of a change, which are no part of the record.
    pub fn without_warnings(mut self) -> Self {
        if let Some(members) = self.json.as_object_mut() {
            members.remove("warnings");
        }
        self
    }

    /// Checks that the reply is a problem with this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Self {
        if let Some(difference) = self.unless_problem(status, code) {
            panic!("{difference}");
        }
        self
    }

    /// Returns a description of the reply, unless it is a problem with this status and code. For tables of cases.
    pub fn unless_problem(&self, status: u16, code: &str) -> Option<String> {
        // RFC 6749 section 5.2 wants its errors as JSON.
        let is_oauth = self.json.get("error").is_some();
        let media = if is_oauth {
            "application/json"
        } else {
            "application/problem+json"
        };
        let is_expected = self.status == status
            && self.header("content-type") == media
            && self.json["code"] == code
            && self.json["type"] == format!("/problems/{code}");
        let body = String::from_utf8_lossy(&self.body);
        (!is_expected).then(|| format!("{}: {} instead of {status} {code}: {body}", self.what, self.status))
    }

    /// Returns the place of every field error: its pointer into the body, or the name of its parameter.
    pub fn pointers(&self) -> Vec<&str> {
        self.json["errors"].as_array().unwrap().iter().map(place).collect()
    }

    /// Checks that the texts of a problem say more than its title.
    fn check_texts(&self) {
        let title = self.json["title"].as_str().unwrap().to_lowercase();
        let details = self.json["errors"].as_array().unwrap().iter().map(|e| &e["detail"]);
        for detail in details.chain([&self.json["detail"]]) {
            let detail = detail.as_str().unwrap();
            assert!(
                !detail.to_lowercase().contains(&title),
                "{}: the detail repeats the title: {detail}",
                self.what
            );
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    pub fn etag(&self) -> String {
        self.header("etag").to_owned()
    }

    pub fn id(&self) -> String {
        self.json["id"].as_str().unwrap().to_owned()
    }
}

/// Returns where a field error is: its pointer into the body, or the name of its parameter; empty for the whole query.
pub fn place(error: &Value) -> &str {
    let (pointer, parameter) = (error["pointer"].as_str(), error["parameter"].as_str());
    assert!(pointer.is_none() || parameter.is_none(), "{error}");
    pointer.or(parameter).unwrap_or_default()
}
