//! A connection that records the statements that pass through it.
//!
//! ```ignore
//! let (page, statements) = counted(&world, async |conn| service::list(conn, &reader(), &filter, &paging).await).await;
//! ```

use std::mem;
use std::sync::{Arc, Mutex};

use actix_web::web::Data;
use iku::access::{Actor, Role};
use iku::platform::Error;
use iku::platform::db::{Db, ReadTx};
use iku::results::response_cache::ResponseCache;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use uuid::Uuid;

use super::world::World;

pub struct Counting<'a> {
    inner: &'a ReadTx,
    statements: Mutex<Vec<String>>,
}

impl Counting<'_> {
    fn note(&self, sql: &str) {
        self.statements.lock().unwrap().push(sql.to_owned());
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Counting<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }
    async fn execute_raw(&self, s: Statement) -> Result<ExecResult, DbErr> {
        self.note(&s.sql);
        self.inner.execute_raw(s).await
    }
    async fn execute_unprepared(&self, s: &str) -> Result<ExecResult, DbErr> {
        self.note(s);
        self.inner.execute_unprepared(s).await
    }
    async fn query_one_raw(&self, s: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.note(&s.sql);
        self.inner.query_one_raw(s).await
    }
    async fn query_all_raw(&self, s: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.note(&s.sql);
        self.inner.query_all_raw(s).await
    }
}

/// Runs a reading service function; returns its result and its statements.
pub async fn overheard<T>(world: &World, f: impl AsyncFnOnce(&Counting<'_>) -> Result<T, Error>) -> (T, Vec<String>) {
    let result = world.service.db.read(async |tx| {
        let conn = Counting {
            inner: tx,
            statements: Mutex::default(),
        };
        let answer = f(&conn).await?;
        Ok((answer, conn.statements.into_inner().unwrap()))
    });
    result.await.unwrap()
}

/// Runs a reading service function; returns its result and the number of its statements.
pub async fn counted<T>(world: &World, f: impl AsyncFnOnce(&Counting<'_>) -> Result<T, Error>) -> (T, usize) {
    let (answer, statements) = overheard(world, f).await;
    (answer, statements.len())
}

/// Returns an actor who may read everything.
pub fn reader() -> Actor {
    Actor {
        id: Uuid::nil(),
        username: "test.reader".to_owned(),
        role: Role::Administrator,
        district: None,
        sections: Vec::new(),
        scopes: Role::Administrator.scopes(),
        session: None,
    }
}

/// The reading statements of a service, as they come.
#[derive(Clone, Default)]
pub struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// The statements since the last call, without those that read the stamps.
    pub fn take(&self) -> Vec<String> {
        let all = mem::take(&mut *self.0.lock().unwrap());
        all.into_iter().filter(|sql| !sql.contains("\"stamp\"")).collect()
    }
}

/// The same service with an empty cache of this size, and the statements that it reads with from now on.
pub async fn listening(world: &World, cached_bytes: u64) -> (World, Statements) {
    let statements = Statements::default();
    let heard = Statements::clone(&statements);
    let db = Db::clone(&world.service.db).with_listener(move |sql| heard.0.lock().unwrap().push(sql.to_owned()));
    let world = world.adjusted(|service| {
        service.response_cache = Data::new(ResponseCache::new(db.clone(), cached_bytes));
        service.db = Data::new(db);
    });
    (world.await, statements)
}
