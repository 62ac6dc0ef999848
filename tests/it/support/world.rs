//! A running service on a database of its own, and actors who ask it things.
//!
//! ```ignore
//! let world = World::new(backend).await;
//! let kasi = world.officer(&["pemerintahan"]);
//! let report = kasi.post("/v1/reports", json!({...})).await.expect(201);
//! ```

use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::Service as _;
use actix_web::test::init_service;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use iku::access::auth::token::{AUDIENCE, Claims};
use iku::access::{Role, Section};
use iku::app::Service;
use iku::platform::clock::Clock;
use iku::platform::db::Db;
use iku::platform::http::Contract;
use iku::platform::http::limits::{Quota, RateLimiter};
use uuid::Uuid;

use super::backend::{Backend, TestDb};
use super::client::Call;
pub use super::client::{Client, Reply};

pub const PARINGIN: &str = "63.11.06";
pub const BALANG: &str = "63.11.06.2005";
pub const PARINGIN_KOTA: &str = "63.11.06.1023";
const ISSUER: &str = "iku-test";
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
        let rate_limiter = Data::new(generous());
        Self::with(
            Service {
                rate_limiter,
                ..service
            },
            clock,
            database,
        )
        .await
    }

    /// The same with other settings.
    pub async fn set(mut self, change: impl FnOnce(&mut Service)) -> Self {
        change(&mut self.service);
        Self::with(self.service, self.clock, self.database).await
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
        Client::new(&self.call, Some(token.to_owned()))
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
fn generous() -> RateLimiter {
    let quota = Quota {
        requests: 1_000_000,
        window: Duration::from_secs(1),
    };
    RateLimiter::new(|_| Some(quota), &Clock::System)
}
