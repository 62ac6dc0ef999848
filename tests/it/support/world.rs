//! A running service on a database of its own, and the clients that send it requests.
//!
//! ```ignore
//! let world = World::on(backend).at("2025-06-30T12:00:00+08:00").await;
//! let kasi = world.officer(&["pemerintahan"]);
//! let report = kasi.post("/v1/reports", json!({...})).await.status(201);
//! ```

use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::Service as _;
use actix_web::test::init_service;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use iku::access::auth::token::{AUDIENCE, Claims, LIFETIME};
use iku::access::{Role, Section};
use iku::app::Service;
use iku::evidence::EvidenceStore;
use iku::facts::responses::Quotas;
use iku::platform::clock::Clock;
use iku::platform::db::Db;
use iku::platform::http::Contract;
use iku::platform::http::limits::{Quota, RateLimiter};
use sea_orm::DbBackend;
use uuid::Uuid;

use super::backend::{Backend, TestDb};
use super::client::Call;
pub use super::client::{Client, Reply};

pub const PARINGIN: &str = "63.11.06";
pub const BALANG: &str = "63.11.06.2005";
pub const PARINGIN_KOTA: &str = "63.11.06.1023";
/// Where the service has no public address, every issuer that is an address is valid.
const ISSUER: &str = "https://iku-test.example.go.id";

pub struct World {
    call: Call,
    pub service: Service,
    pub clock: Clock,
    pub database: TestDb,
}

impl World {
    /// Starts a service on a fresh database of this kind, or on a database that exists already. Wait for it with `.await`.
    pub fn on(database: impl Into<Source>) -> WorldBuilder {
        WorldBuilder {
            source: database.into(),
            clock: Clock::System,
            quotas: Quotas::default(),
            evidence_bytes: 1 << 40,
            public_url: None,
            adjust: Box::new(|service| service.rate_limiter = Data::new(generous())),
        }
    }

    /// Starts another instance of the service on the same database.
    pub async fn second_instance(&self) -> World {
        Self::on(self.database.shared()).clock(self.clock.clone()).await
    }

    /// Starts another instance beside this one on PostgreSQL; `None` on SQLite, whose file has one instance.
    pub async fn neighbour(&self) -> Option<World> {
        match self.service.db.backend() {
            DbBackend::Postgres => Some(self.second_instance().await),
            _ => None,
        }
    }

    /// Starts an application that shares this service but for what the function replaces.
    pub async fn adjusted(&self, adjust: impl FnOnce(&mut Service)) -> World {
        let mut service = self.service.clone();
        adjust(&mut service);
        let contract = iku::app::contract().unwrap();
        Self::start(service, contract, self.clock.clone(), self.database.shared()).await
    }

    async fn start(service: Service, contract: Data<Contract>, clock: Clock, database: TestDb) -> Self {
        let app = Rc::new(init_service(iku::app::build(service.clone(), contract, |_| {})).await);
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

    /// A client with every scope of the role.
    pub fn holder(&self, role: Role, district: Option<&str>, sections: &[&str]) -> Client {
        self.holder_of(role, district, sections, &role.scopes().join(" "))
    }

    /// A phone that was revoked and has signed in again.
    pub fn revoked_phone(&self) -> Client {
        self.revoked(Uuid::new_v4())
    }

    /// A phone of Paringin with this client id.
    pub fn phone(&self, id: Uuid) -> Client {
        let scope = Role::Surveyor.scopes().join(" ");
        self.holder_with(id, Role::Surveyor, Some(PARINGIN), &[], &scope)
    }

    /// The phone with this client id, after it was revoked and has signed in again.
    pub fn revoked(&self, id: Uuid) -> Client {
        self.revoked_of(id, Some(PARINGIN))
    }

    /// The same in another district, or in all of them.
    pub fn revoked_of(&self, id: Uuid, district: Option<&str>) -> Client {
        self.holder_with(id, Role::Surveyor, district, &[], "responses:quarantine")
    }

    /// A client whose token has these claims. It gets a new token for each request, so the clock may move.
    pub fn holder_of(&self, role: Role, district: Option<&str>, sections: &[&str], scope: &str) -> Client {
        self.holder_with(Uuid::new_v4(), role, district, sections, scope)
    }

    fn holder_with(&self, id: Uuid, role: Role, district: Option<&str>, sections: &[&str], scope: &str) -> Client {
        let claims = Claims {
            iss: self.service.token_service.issuer().unwrap_or(ISSUER).to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: id,
            client_id: "tests".to_owned(),
            iat: 0,
            exp: 0,
            nbf: None,
            jti: Uuid::new_v4(),
            scope: scope.to_owned(),
            username: format!("test.{role}"),
            role,
            district: district.map(str::to_owned),
            sections: sections.iter().map(|s| s.parse::<Section>().unwrap()).collect(),
            village: (role == Role::Reporter).then(|| BALANG.to_owned()),
            generation: 1,
            auth_time: 0,
            sid: Uuid::new_v4(),
        };
        let (token_service, clock) = (self.service.token_service.clone(), self.clock.clone());
        let token = move || {
            let iat = clock.now().timestamp();
            let claims = Claims {
                iat,
                exp: iat + LIFETIME,
                auth_time: iat,
                ..claims.clone()
            };
            token_service.sign(&claims).unwrap()
        };
        Client::new(&self.call, Some(Rc::new(token)))
    }

    pub fn bearer(&self, token: &str) -> Client {
        let token = token.to_owned();
        Client::new(&self.call, Some(Rc::new(move || token.clone())))
    }

    pub fn anonymous(&self) -> Client {
        Client::new(&self.call, None)
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

    /// Loads the other districts of the regency and their villages.
    pub async fn load_regency(&self) {
        use iku::shipped::loader::{Extent, load};
        self.service
            .db
            .write(async |tx| load(tx, Extent::Regency).await)
            .await
            .unwrap();
    }
}

/// The database of a world.
pub enum Source {
    Fresh(Backend),
    Existing(TestDb),
}

impl From<Backend> for Source {
    fn from(backend: Backend) -> Self {
        Source::Fresh(backend)
    }
}

impl From<TestDb> for Source {
    fn from(database: TestDb) -> Self {
        Source::Existing(database)
    }
}

/// A world before it starts.
pub struct WorldBuilder {
    source: Source,
    clock: Clock,
    quotas: Quotas,
    evidence_bytes: u64,
    public_url: Option<String>,
    adjust: Box<dyn FnOnce(&mut Service)>,
}

impl WorldBuilder {
    /// Stops the clock at an instant; `world.clock.set(..)` moves it.
    pub fn at(self, now: &str) -> Self {
        self.clock(Clock::fixed(instant(now)))
    }

    fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Gives each phone these quotas.
    pub fn quotas(self, quotas: Quotas) -> Self {
        Self { quotas, ..self }
    }

    /// Gives each district this room for evidence.
    pub fn room(self, evidence_bytes: u64) -> Self {
        Self { evidence_bytes, ..self }
    }

    /// Gives the service a public address.
    pub fn public_url(self, url: &str) -> Self {
        Self {
            public_url: Some(url.to_owned()),
            ..self
        }
    }

    /// Replaces parts of the service before the application starts.
    pub fn adjust(self, change: impl FnOnce(&mut Service) + 'static) -> Self {
        let before = self.adjust;
        Self {
            adjust: Box::new(|service| {
                before(service);
                change(service);
            }),
            ..self
        }
    }

    async fn build(self) -> World {
        let database = match self.source {
            Source::Fresh(backend) => backend.fresh().await,
            Source::Existing(database) => database,
        };
        let db = Db::open(&database.url).await.unwrap().with_clock(self.clock.clone());
        let evidence = EvidenceStore::new(database.evidence(), self.evidence_bytes);
        let mut service = iku::startup::service(db, evidence, self.public_url, 4 << 20, self.quotas)
            .await
            .unwrap();
        (self.adjust)(&mut service);
        let contract = iku::app::contract().unwrap();
        World::start(service, contract, self.clock, database).await
    }
}

impl IntoFuture for WorldBuilder {
    type Output = World;
    type IntoFuture = Pin<Box<dyn Future<Output = World>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.build())
    }
}

pub fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// Limits that no test reaches.
fn generous() -> RateLimiter {
    let quota = Quota {
        requests: 1_000_000,
        window: Duration::from_secs(1),
    };
    RateLimiter::new(|_| Some(quota), &Clock::System)
}
