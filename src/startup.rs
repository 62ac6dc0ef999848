//! Prepares a database and starts the service on it: migrate, load, make keys and the first administrator.
//!
//! Several instances may do this at the same time on one PostgreSQL database: an advisory lock lets one go first, and the
//! others find the work done.

use std::sync::Arc;

use actix_web::web;
use migration::{Migrator, MigratorTrait};
use sea_orm::DbBackend;

use crate::access::audit::{self, Source};
use crate::access::auth::{TokenService, keys, revocation};
use crate::access::users::bootstrap::{self, FirstAdmin};
use crate::app::Service;
use crate::evidence::EvidenceStore;
use crate::facts::responses::{Quotas, WriteQueue};
use crate::maintenance::history;
use crate::pages::public::PublicPage;
use crate::pages::session::SessionCookie;
use crate::platform::db::{AdvisoryLock, Db, service_keys};
use crate::platform::error::Error;
use crate::platform::http::cursor::CursorKey;
use crate::platform::http::middleware::deprecation;
use crate::platform::http::public_url::PublicUrl;
use crate::results::response_cache::ResponseCache;
use crate::shipped::loader::{self, Extent};

/// Brings the schema to this version.
pub async fn migrate(db: &Db) -> Result<(), Error> {
    let up = async || Migrator::up(db.connection(), None).await.map_err(Error::from);
    if db.backend() != DbBackend::Postgres {
        return up().await;
    }
    // A transaction of its own has the lock, while the migrations run on another connection.
    db.write(async |lock| {
        lock.advisory_lock(AdvisoryLock::Migration).await?;
        up().await
    })
    .await
}

/// Makes an empty database ready, and leaves a ready one as it is. Returns the first administrator if it made one.
pub async fn prepare(db: &Db, admin_password: Option<&str>) -> Result<Option<FirstAdmin>, Error> {
    migrate(db).await?;
    history::record(db).await?;
    // Before the transaction: hashing is slow.
    let password = if db.read(async |tx| bootstrap::is_needed(tx).await).await? {
        Some(bootstrap::password(admin_password).await?)
    } else {
        None
    };
    let first = db
        .write(async |tx| {
            tx.advisory_lock(AdvisoryLock::Migration).await?;
            history::begin(tx).await?;
            loader::load(tx, Extent::Paringin).await?;
            keys::ensure(tx, tx.clock().now()).await?;
            service_keys::ensure(tx, tx.clock().now()).await?;
            match password {
                Some(password) => bootstrap::ensure_admin(tx, password).await,
                None => Ok(None),
            }
        })
        .await?;
    if let Some(first) = &first {
        audit::account("user created", &Source::operator(), None, &first.account, None);
    }
    Ok(first)
}

/// Returns the service on a prepared database. `public_url`: its only address, if it has one. `cache_bytes`: memory for computed responses.
pub async fn service(
    db: Db,
    evidence: EvidenceStore,
    public_url: Option<String>,
    cache_bytes: u64,
    quotas: Quotas,
) -> Result<Service, Error> {
    let response_cache = web::Data::new(ResponseCache::new(db.clone(), cache_bytes));
    let key = db.read(async |tx| service_keys::get(tx, service_keys::CURSORS, db.sealing_key()).await);
    let cursor_key = web::Data::new(CursorKey::new(&key.await?));
    let db = web::Data::new(db);
    let token_service = web::Data::new(TokenService::new(public_url.clone(), Vec::new(), db.clock().clone()));
    revocation::refresh(&db, &token_service).await?;
    let revocation_task = Arc::new(revocation::start(db.clone(), token_service.clone()));
    let write_queue = web::Data::new(WriteQueue::start(db.clone(), quotas));
    Ok(Service {
        db,
        write_queue,
        token_service,
        revocation_task,
        public_url: web::Data::new(PublicUrl(public_url)),
        cursor_key,
        page_cache: web::Data::default(),
        metrics_token: web::Data::default(),
        trusted_proxies: web::Data::default(),
        rate_limiter: web::Data::default(),
        read_queues: web::Data::default(),
        four_eyes: web::Data::default(),
        evidence: web::Data::new(evidence),
        readiness: web::Data::default(),
        refusals: web::Data::default(),
        body_patience: web::Data::default(),
        cors_origins: Vec::new(),
        https: false,
        session_cookie: SessionCookie::default(),
        public_page: PublicPage::default(),
        deprecated: deprecation::TABLE,
        response_cache,
    })
}
