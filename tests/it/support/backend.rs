//! The two databases. A test that runs on both:
//!
//! ```ignore
//! #[apply(both_databases)]
//! async fn rejects_a_report_of_a_kelurahan(backend: Backend) { .. }
//! ```

use std::path::PathBuf;
use std::rc::Rc;

use iku::evidence::store::folder;
use iku::platform::Error;
use iku::platform::db::Db;
pub use rstest_reuse::apply;
use rstest_reuse::template;
use sea_orm::DbErr;
use tempfile::TempDir;

use super::{postgres, sqlite};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

#[template]
#[rstest::rstest]
#[case::sqlite(crate::support::backend::Backend::Sqlite)]
#[case::postgres(crate::support::backend::Backend::Postgres)]
#[actix_web::test]
pub async fn both_databases(#[case] backend: Backend) {}

/// The password of `admin`, whom the first start creates.
pub const ADMIN_PASSWORD: &str = "kata sandi admin";

/// A database of a test. It is deleted when this value is dropped, so keep the value until the test ends.
pub struct TestDb {
    pub url: String,
    guard: Rc<Guard>,
}

impl TestDb {
    /// Returns the folder of the files of evidence. It is made with the first file.
    pub fn evidence(&self) -> PathBuf {
        match &*self.guard {
            Guard::Sqlite(_) => folder(None, &self.url).unwrap(),
            Guard::Postgres(_, folder) => folder.path().join("evidence"),
        }
    }

    /// Returns another handle of the same database.
    pub fn shared(&self) -> TestDb {
        TestDb {
            url: self.url.clone(),
            guard: Rc::clone(&self.guard),
        }
    }
}

#[allow(dead_code)]
enum Guard {
    Sqlite(sqlite::TestDatabase),
    Postgres(postgres::TestDatabase, TempDir),
}

impl Backend {
    /// Returns a database in the state after the first start of the service.
    pub async fn fresh(self) -> TestDb {
        self.with(Content::FirstStart).await
    }

    /// Returns a database with the records of the demonstration.
    pub async fn demonstration(self) -> TestDb {
        self.with(Content::Demonstration).await
    }

    async fn with(self, content: Content) -> TestDb {
        match self {
            Backend::Sqlite => sqlite::database(content).await.into(),
            Backend::Postgres => postgres::database(content).await.into(),
        }
    }

    /// Returns a database with the schema and no rows.
    pub async fn fresh_migrated(self) -> TestDb {
        let database = self.fresh_empty().await;
        let db = Db::open(&database.url).await.unwrap();
        iku::startup::migrate(&db).await.unwrap();
        db.close().await.unwrap();
        database
    }

    /// Returns a database without tables.
    pub async fn fresh_empty(self) -> TestDb {
        match self {
            Backend::Sqlite => sqlite::empty_database().into(),
            Backend::Postgres => postgres::empty_database().await.into(),
        }
    }
}

impl From<sqlite::TestDatabase> for TestDb {
    fn from(db: sqlite::TestDatabase) -> Self {
        TestDb {
            url: db.url.clone(),
            guard: Rc::new(Guard::Sqlite(db)),
        }
    }
}

impl From<postgres::TestDatabase> for TestDb {
    fn from(db: postgres::TestDatabase) -> Self {
        TestDb {
            url: db.url.clone(),
            guard: Rc::new(Guard::Postgres(db, TempDir::with_prefix("iku-evidence-").unwrap())),
        }
    }
}

/// What a template has. Each is made once per process and kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    FirstStart,
    Demonstration,
}

impl Content {
    /// Fills an empty database. It closes its connections, because a template in use cannot be copied.
    pub async fn prepare(self, url: &str) -> Result<(), DbErr> {
        let ready = async {
            let db = Db::open(url).await?;
            iku::startup::prepare(&db, Some(ADMIN_PASSWORD)).await?;
            if self == Content::Demonstration {
                iku::demo::fill(&db, iku::app::contract().unwrap()).await?;
            }
            db.close().await
        };
        ready.await.map_err(|e: Error| DbErr::Custom(e.to_string()))
    }
}
