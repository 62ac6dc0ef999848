//! A connection that only reads, and how a statement of it ends.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use sea_orm::sea_query::Values;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{AssertSqlSafe, Connection as _, Database, Error, Executor as _, IntoArguments, query_with};
use sea_orm::{DbBackend, ExecResult, QueryResult, Statement};
use sea_query_sqlx::SqlxValues;

/// The steps of SQLite between two looks at the clock; they take less than a millisecond.
const STEPS: i32 = 10_000;

/// The database that connections open.
#[derive(Debug)]
pub(super) enum Source {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

impl Source {
    pub fn backend(&self) -> DbBackend {
        match self {
            Self::Sqlite(_) => DbBackend::Sqlite,
            Self::Postgres(_) => DbBackend::Postgres,
        }
    }
}

#[derive(Debug)]
pub(super) enum Connection {
    Sqlite(SqliteConnection, Deadline),
    /// The server applies the time limit (`statement_timeout`).
    Postgres(PgConnection),
}

/// When the running statement of a SQLite connection must end; `None`: never.
#[derive(Clone, Debug, Default)]
pub(super) struct Deadline(Arc<Mutex<Option<Instant>>>);

impl Deadline {
    fn is_over(&self) -> bool {
        self.0.lock().is_some_and(|end| end <= Instant::now())
    }
}

impl Connection {
    pub async fn open(source: &Source) -> Result<Self, Error> {
        Ok(match source {
            Source::Postgres(options) => Self::Postgres(PgConnection::connect_with(options).await?),
            Source::Sqlite(options) => {
                let mut connection = SqliteConnection::connect_with(options).await?;
                let deadline = Deadline::default();
                let running = deadline.clone();
                let mut handle = connection.lock_handle().await?;
                handle.set_progress_handler(STEPS, move || !running.is_over());
                drop(handle);
                Self::Sqlite(connection, deadline)
            }
        })
    }

    /// Sets when the next statement must end.
    pub fn set_deadline(&self, end: Option<Instant>) {
        if let Self::Sqlite(_, deadline) = self {
            *deadline.0.lock() = end;
        }
    }

    pub async fn all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        Ok(match self {
            Self::Sqlite(c, _) => results(query(statement).fetch_all(c).await?),
            Self::Postgres(c) => results(query(statement).fetch_all(c).await?),
        })
    }

    pub async fn one(&mut self, statement: Statement) -> Result<Option<QueryResult>, Error> {
        Ok(match self {
            Self::Sqlite(c, _) => query(statement).fetch_optional(c).await?.map(QueryResult::from),
            Self::Postgres(c) => query(statement).fetch_optional(c).await?.map(QueryResult::from),
        })
    }

    pub async fn execute(&mut self, statement: Statement) -> Result<ExecResult, Error> {
        Ok(match self {
            Self::Sqlite(c, _) => query(statement).execute(c).await?.into(),
            Self::Postgres(c) => query(statement).execute(c).await?.into(),
        })
    }

    /// Runs SQL text without parameters.
    pub async fn batch(&mut self, sql: &'static str) -> Result<(), Error> {
        match self {
            Self::Sqlite(c, _) => c.execute(sql).await.map(drop),
            Self::Postgres(c) => c.execute(sql).await.map(drop),
        }
    }

    pub async fn ping(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(c, _) => c.ping().await,
            Self::Postgres(c) => c.ping().await,
        }
    }

    pub async fn close(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(c, _) => c.close().await,
            Self::Postgres(c) => c.close().await,
        }
    }
}

fn query<'q, DB: Database>(statement: Statement) -> Query<'q, DB, SqlxValues>
where
    SqlxValues: IntoArguments<DB>,
{
    let values = statement.values.unwrap_or(Values(Vec::new()));
    query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

fn results<R: Into<QueryResult>>(rows: Vec<R>) -> Vec<QueryResult> {
    rows.into_iter().map(Into::into).collect()
}
