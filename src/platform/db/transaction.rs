//! The transaction that services write in.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use ::entity::stamp;
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::journal::completeness::written_table;
use super::journal::event::{Author, Event};
use super::journal::heads::{Head, Heads};
use super::stream::Stream;
use crate::platform::clock::Clock;
use crate::platform::error::Error;
use crate::platform::sealing::SealingKey;

/// A write transaction: all of it is applied, or nothing.
#[derive(Debug)]
pub struct WriteTx {
    pub(super) tx: DatabaseTransaction,
    pub(super) clock: Clock,
    pub(super) sealing_key: Option<SealingKey>,
    /// The stamps that the transaction gave, as they are after it; `None`: some of them are unknown.
    pub(super) given: Mutex<Option<Vec<stamp::Model>>>,
    /// The events of the journal, appended before the commit.
    pub(super) events: Mutex<Vec<(Author, Event)>>,
    /// The last events of chains, in memory.
    pub(super) heads: Option<Arc<Heads>>,
    /// The last events of the chains that this transaction appended to.
    pub(super) appended: Mutex<HashMap<String, Head>>,
    /// The tables that were written, to find a change without an event. In debug builds only.
    pub(super) written: Mutex<BTreeSet<String>>,
}

/// Work that only one transaction may do at a time, in all districts. The numbers are shared by all instances on a
/// PostgreSQL database, so they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdvisoryLock {
    Migration = 6_311_060,
    Accounts = 6_311_062,
    Indicators = 6_311_063,
    KeyRotation = 6_311_064,
    Journal = 6_311_065,
    Evidence = 6_311_066,
}

impl WriteTx {
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn sealing_key(&self) -> Option<&SealingKey> {
        self.sealing_key.as_ref()
    }

    /// Notes stamps for the cache; `None`: the caller does not know them.
    pub(super) fn note_stamps(&self, rows: Option<Vec<stamp::Model>>) {
        let mut given = self.given.lock();
        *given = given.take().zip(rows).map(|(before, rows)| [before, rows].concat());
    }

    /// Returns whether this transaction stamped a stream of a district (`None`: of all) with this instant, as far as its stamps
    /// are known.
    pub(super) fn has_stamped(&self, district: Option<&str>, stream: Stream, at: DateTime<Utc>) -> bool {
        let given = self.given.lock();
        let is_stamped = |row: &stamp::Model| {
            district.is_none_or(|code| row.district_code == code) && stream.changed_at(row) == at.timestamp_micros()
        };
        given.as_ref().is_none_or(|rows| rows.iter().any(is_stamped))
    }

    /// Notes who made a change. The event is appended to the journal when the transaction commits.
    pub fn note(&self, author: &Author, event: Event) {
        let mut events = self.events.lock();
        events.push((author.clone(), event));
    }

    /// Adds the texts of parts that were written with a version to the event of the version.
    pub fn note_parts(&self, key: &str, version: i32, texts: impl Iterator<Item = String>) {
        let mut events = self.events.lock();
        let of_version = |(_, event): &&mut (Author, Event)| event.key == key && event.version == Some(version);
        if let Some((_, event)) = events.iter_mut().rev().find(of_version) {
            event.content.extend(texts);
        }
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.get_database_backend() == DbBackend::Postgres
    }

    /// Returns whether nothing else writes while this transaction does: SQLite has one write transaction at a time.
    pub fn writes_alone(&self) -> bool {
        !self.is_postgres()
    }

    /// Waits until no other transaction holds the lock, and holds it to the end of this one. SQLite needs no lock: it
    /// has one write transaction at a time.
    pub async fn advisory_lock(&self, lock: AdvisoryLock) -> Result<(), Error> {
        if self.is_postgres() {
            let sql = format!("SELECT pg_advisory_xact_lock({})", lock as i64);
            self.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

/// Makes the transaction a connection for sea-orm.
#[async_trait::async_trait]
impl ConnectionTrait for WriteTx {
    fn get_database_backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }
    async fn execute_raw(&self, s: Statement) -> Result<ExecResult, DbErr> {
        if cfg!(debug_assertions)
            && let Some(table) = written_table(&s.sql)
        {
            self.written.lock().insert(table);
        }
        self.tx.execute_raw(s).await
    }
    async fn execute_unprepared(&self, s: &str) -> Result<ExecResult, DbErr> {
        self.tx.execute_unprepared(s).await
    }
    async fn query_one_raw(&self, s: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.tx.query_one_raw(s).await
    }
    async fn query_all_raw(&self, s: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.tx.query_all_raw(s).await
    }
}
