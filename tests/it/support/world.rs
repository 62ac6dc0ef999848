//! A running service on a database of its own, and actors who ask it things.
//!
//! ```ignore
//! let world = World::new(backend).await;
//! let kasi = world.officer(&["pemerintahan"]);
//! let report = kasi.post("/v1/reports", json!({...})).await.expect(201);
//! ```

use std::future::Future;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use actix_http::Request;
use actix_web::body::to_bytes;
use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use iku::access::auth::token::{AUDIENCE, Claims};
use iku::access::{Role, Section};
use iku::app::Service;
use iku::platform::clock::Clock;
use iku::platform::db::Db;
use iku::platform::http::Contract;
use iku::platform::http::front::Front;
use iku::platform::http::limits::{Limits, Quota, Ticks};
use serde_json::Value;
use uuid::Uuid;

use super::backend::{Backend, TestDb};
use super::contract;

pub const PARINGIN: &str = "63.11.06";
pub const BALANG: &str = "63.11.06.2005";
pub const PARINGIN_KOTA: &str = "63.11.06.1023";
const ISSUER: &str = "iku-test";
/// Where requests come from: not this machine.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)), 50_000);

type Call = Rc<dyn Fn(Request) -> Pin<Box<dyn Future<Output = ServiceResponse>>>>;

pub struct World {
    call: Call,
    pub service: Service,
    pub clock: Clock,
    pub database: TestDb,
}

impl World {
    /// A service whose facts clock is the machine's.
    pub async fn new(backend: Backend) -> Self {
        Self::on(backend.fresh().await, Clock::System).await
    }

    /// A service whose facts clock stands at an instant and can be moved: `world.clock.set(..)`.
    pub async fn at(backend: Backend, now: &str) -> Self {
        Self::on(backend.fresh().await, Clock::fixed(instant(now))).await
    }

    /// Another instance of the service on the same database.
    pub async fn second_instance(&self) -> World {
        Self::on(self.database.shared(), self.clock.clone()).await
    }

    pub async fn on(database: TestDb, clock: Clock) -> Self {
        let db = Db::open(&database.url).await.unwrap().with_clock(clock.clone());
        let service = iku::startup::service(db, ISSUER).await.unwrap();
        let front = Data::new(generous());
        Self::with(Service { front, ..service }, clock, database).await
    }

    /// The same, with another front.
    pub async fn behind(self, front: Front) -> Self {
        let front = Data::new(front);
        Self::with(Service { front, ..self.service }, self.clock, self.database).await
    }

    /// With a service that was made otherwise.
    pub async fn with(service: Service, clock: Clock, database: TestDb) -> Self {
        Self::under(iku::app::contract().unwrap(), service, clock, database).await
    }

    /// With a contract that was made otherwise.
    pub async fn under(contract: Data<Contract>, service: Service, clock: Clock, database: TestDb) -> Self {
        let app = Rc::new(init_service(iku::app::build(service.clone(), contract)).await);
        let call: Call = Rc::new(move |req| {
            let app = Rc::clone(&app);
            Box::pin(async move {
                app.call(req)
                    .await
                    .map(|res| res.map_into_boxed_body())
                    .unwrap_or_else(|e| panic!("{e}"))
            })
        });
        Self {
            call,
            service,
            clock,
            database,
        }
    }

    /// Someone who signed in with all that the role has.
    pub fn holder(&self, role: Role, district: Option<&str>, sections: &[&str]) -> Client {
        self.holder_of(role, district, sections, &role.scopes().join(" "))
    }

    /// A phone that was revoked and signed in again.
    pub fn revoked_phone(&self) -> Client {
        self.holder_of(Role::Surveyor, Some(PARINGIN), &[], "responses:quarantine")
    }

    /// Someone who holds a token with these claims.
    pub fn holder_of(&self, role: Role, district: Option<&str>, sections: &[&str], scope: &str) -> Client {
        let now = Utc::now().timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: Uuid::new_v4(),
            client_id: "tests".to_owned(),
            iat: now,
            exp: now + 600,
            jti: Uuid::new_v4(),
            scope: scope.to_owned(),
            username: format!("test.{role}"),
            role,
            district: district.map(str::to_owned),
            sections: sections.iter().map(|s| s.parse::<Section>().unwrap()).collect(),
            generation: 1,
            sid: None,
        };
        self.bearer(&self.service.authority.sign(&claims).unwrap())
    }

    pub fn bearer(&self, token: &str) -> Client {
        Client {
            call: Rc::clone(&self.call),
            token: Some(token.to_owned()),
            peer: PEER,
            headers: Vec::new(),
            of_the_broken: false,
        }
    }

    pub fn anonymous(&self) -> Client {
        Client {
            call: Rc::clone(&self.call),
            token: None,
            peer: PEER,
            headers: Vec::new(),
            of_the_broken: false,
        }
    }

    pub fn admin(&self) -> Client {
        self.holder(Role::Administrator, None, &[])
    }

    pub fn officer(&self, sections: &[&str]) -> Client {
        self.holder(Role::Officer, Some(PARINGIN), sections)
    }

    /// An officer of all sections in another district.
    pub fn stranger(&self) -> Client {
        let all: Vec<&str> = Section::ALL.iter().map(|s| s.as_str()).collect();
        self.holder(Role::Officer, Some("63.11.01"), &all)
    }

    /// Makes the whole regency exist (other districts and their villages).
    pub async fn load_regency(&self) {
        use iku::shipped::loader::{Extent, load};
        self.service
            .db
            .write(async |tx| load(tx, Extent::Regency).await)
            .await
            .unwrap();
    }
}

pub fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// Limits that are there and that no test reaches.
fn generous() -> Front {
    let quota = Quota {
        requests: 1_000_000,
        window: Duration::from_secs(1),
    };
    Front {
        limits: Limits::new(|_| Some(quota), Vec::new(), Ticks::default()),
        ..Front::default()
    }
}

/// Someone who asks.
#[derive(Clone)]
pub struct Client {
    call: Call,
    token: Option<String>,
    peer: SocketAddr,
    headers: Vec<(String, String)>,
    /// Asks a service that was broken on purpose, so a 500 is no fault of the test.
    of_the_broken: bool,
}

impl Client {
    /// The same, asking a service that was broken on purpose.
    pub fn of_the_broken(&self) -> Client {
        Client {
            of_the_broken: true,
            ..self.clone()
        }
    }

    /// The same, sending one more header.
    pub fn with(&self, name: &str, value: &str) -> Client {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The same from another address: `192.0.2.7`.
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

    /// OPTIONS: what a browser asks for a page of another origin.
    pub async fn preflight(&self, path: &str) -> Reply {
        self.send("OPTIONS", path, "", Vec::new()).await
    }

    /// PATCH with the tag that was read.
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

    /// DELETE with the tag that was read and a reason.
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
            req = req.append_header(("authorization", format!("Bearer {token}")));
        }
        for (name, value) in &self.headers {
            req = req.append_header((name.as_str(), value.as_str()));
        }
        if !content_type.is_empty() {
            req = req.insert_header(("content-type", content_type)).set_payload(body);
        }
        let res = (self.call)(req.to_request()).await;
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
        if !self.of_the_broken {
            assert_ne!(status, 500, "{method} {path}: {}", String::from_utf8_lossy(&body));
        }
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Reply {
            what: format!("{method} {path}"),
            status,
            headers,
            body,
            json,
        }
    }

    /// Every item of a list, page by page.
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
            let page = self.get(&page).await.expect(200).json;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return items,
            }
        }
    }
}

/// What was answered; already held against the contract.
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
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{}: {}",
            self.what,
            String::from_utf8_lossy(&self.body)
        );
        self
    }

    /// A problem with this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.header("content-type"), "application/problem+json");
        assert_eq!(reply.json["code"], code, "{}: {:#}", reply.what, reply.json);
        assert_eq!(reply.json["type"], format!("/problems/{code}"));
        reply
    }

    /// The pointers of all field errors.
    pub fn pointers(&self) -> Vec<&str> {
        self.json["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["pointer"].as_str().unwrap())
            .collect()
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
