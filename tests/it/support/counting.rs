//! The statements that a service reads with.
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
use iku::platform::http::{Page, PageBody};
use iku::results::response_cache::ResponseCache;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::world::World;

/// Runs a reading service function on a snapshot; returns its result and its statements.
async fn recorded<T>(world: &World, f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>) -> (T, Vec<String>) {
    let statements = Statements::default();
    let result = statements.of(&world.service.db).snapshot(f).await;
    let mut all = statements.take_all();
    all.retain(|sql| sql != "BEGIN");
    (result.unwrap(), all)
}

/// Runs a reading service function; returns its result and the number of its statements.
pub async fn counted<T>(world: &World, f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>) -> (T, usize) {
    let (output, statements) = recorded(world, f).await;
    (output, statements.len())
}

/// A page that a service function returned.
pub trait Items {
    fn items(self) -> Vec<Value>;
}

impl<T: Serialize> Items for Page<T> {
    fn items(self) -> Vec<Value> {
        let page = serde_json::to_value(self).unwrap();
        page["items"].as_array().unwrap().clone()
    }
}

impl<T> Items for PageBody<T> {
    fn items(self) -> Vec<Value> {
        let page: Value = serde_json::from_slice(self.body().plain()).unwrap();
        page["items"].as_array().unwrap().clone()
    }
}

/// Returns an actor who may read everything.
pub fn reader() -> Actor {
    Actor {
        id: Uuid::nil(),
        username: "test.reader".to_owned(),
        role: Role::Administrator,
        district: None,
        sections: Vec::new(),
        village: None,
        scopes: Role::Administrator.scopes(),
        session: None,
        token_id: None,
        client_id: None,
        authenticated_at: chrono::DateTime::UNIX_EPOCH,
    }
}

/// The reading statements of a service, in their order.
#[derive(Clone, Default)]
pub struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// Returns the same database, whose reading statements are noted here.
    fn of(&self, db: &Db) -> Db {
        let list = self.clone();
        db.clone()
            .with_listener(move |sql| list.0.lock().unwrap().push(sql.to_owned()))
    }

    /// Returns the statements since the last call, except statements that read the stamps or begin a transaction.
    pub fn take(&self) -> Vec<String> {
        let mut all = self.take_all();
        all.retain(|sql| sql != "BEGIN" && !sql.contains("\"stamp\""));
        all
    }

    /// Returns all statements since the last call.
    pub fn take_all(&self) -> Vec<String> {
        mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Returns the same service with an empty cache of this size, and the reading statements that it executes from now on.
pub async fn listening(world: &World, cached_bytes: u64) -> (World, Statements) {
    let statements = Statements::default();
    let db = statements.of(&world.service.db);
    let world = world.adjusted(|service| {
        service.response_cache = Data::new(ResponseCache::new(db.clone(), cached_bytes));
        service.db = Data::new(db);
    });
    (world.await, statements)
}
