//! What results are read from: a view of the database, or a write transaction that stores what it computes from its own state.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::reading::ReadTx;
use super::stamps;
use super::transaction::WriteTx;
use crate::platform::error::Error;

#[derive(Clone, Copy, Debug)]
pub enum ReadConnection<'a> {
    View(&'a ReadTx),
    Write(&'a WriteTx),
}

impl ReadConnection<'_> {
    /// Returns the newest recorded instant of a district (`None`: of all).
    pub async fn latest(&self, district: Option<&str>) -> Result<DateTime<Utc>, Error> {
        match self {
            Self::View(tx) => tx.latest(district).await,
            Self::Write(tx) => stamps::latest(*tx, district).await,
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for ReadConnection<'_> {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::View(tx) => tx.get_database_backend(),
            Self::Write(tx) => tx.get_database_backend(),
        }
    }
    async fn execute_raw(&self, s: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::View(tx) => tx.execute_raw(s).await,
            Self::Write(tx) => tx.execute_raw(s).await,
        }
    }
    async fn execute_unprepared(&self, s: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::View(tx) => tx.execute_unprepared(s).await,
            Self::Write(tx) => tx.execute_unprepared(s).await,
        }
    }
    async fn query_one_raw(&self, s: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::View(tx) => tx.query_one_raw(s).await,
            Self::Write(tx) => tx.query_one_raw(s).await,
        }
    }
    async fn query_all_raw(&self, s: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::View(tx) => tx.query_all_raw(s).await,
            Self::Write(tx) => tx.query_all_raw(s).await,
        }
    }
}
