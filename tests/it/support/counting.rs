//! A connection that records the statements that pass through it.
//!
//! ```ignore
//! let (page, statements) = counted(&world, async |conn| service::list(conn, &reader(), &filter, &paging).await).await;
//! ```

use std::sync::Mutex;

use iku::access::{Actor, Role};
use iku::platform::Error;
use iku::platform::db::ReadTx;
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
