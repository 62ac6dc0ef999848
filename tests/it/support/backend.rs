//! The two databases. A test that runs on both:
//!
//! ```ignore
//! #[apply(both_databases)]
//! async fn rejects_a_report_of_a_kelurahan(backend: Backend) { .. }
//! ```

use std::rc::Rc;

use iku::platform::Error;
use iku::platform::db::Db;
pub use rstest_reuse::apply;
use rstest_reuse::template;
use sea_orm::DbErr;

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

/// Of `admin`, whom the first start makes.
pub const ADMIN_PASSWORD: &str = "kata sandi admin";

/// A database of the test's own; gone when this is dropped, so keep it to the end of the test.
pub struct TestDb {
    pub url: String,
    guard: Rc<Guard>,
}

impl TestDb {
    /// The same database once more.
    pub fn shared(&self) -> TestDb {
        TestDb {
            url: self.url.clone(),
            guard: Rc::clone(&self.guard),
        }
    }
}

enum Guard {
    Sqlite(#[allow(dead_code)] sqlite::TestDatabase),
    Postgres(#[allow(dead_code)] postgres::TestDatabase),
}

impl Backend {
    /// As the service finds it after its first start.
    pub async fn fresh(self) -> TestDb {
        match self {
            Backend::Sqlite => sqlite::database().await.into(),
            Backend::Postgres => postgres::database().await.into(),
        }
    }

    /// With the schema, and no row.
    pub async fn fresh_migrated(self) -> TestDb {
        let database = self.fresh_empty().await;
        let db = Db::open(&database.url).await.unwrap();
        iku::startup::migrate(&db).await.unwrap();
        db.close().await.unwrap();
        database
    }

    /// Without any table.
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
            guard: Rc::new(Guard::Postgres(db)),
        }
    }
}

/// Makes the template that every `fresh` database is copied from. Once per process and database; leaves no connection
/// behind, or the template could not be copied.
pub async fn prepare(url: &str) -> Result<(), DbErr> {
    let ready = async {
        let db = Db::open(url).await?;
        iku::startup::prepare(&db, Some(ADMIN_PASSWORD)).await?;
        db.close().await
    };
    ready.await.map_err(|e: Error| DbErr::Custom(e.to_string()))
}
