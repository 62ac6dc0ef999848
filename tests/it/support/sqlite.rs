//! SQLite files for the tests. The template is made once and stays in memory, so a copy takes a few milliseconds.

use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::backend::prepare;

pub struct TestDatabase {
    pub url: String,
    directory: TempDir,
}

pub async fn database() -> TestDatabase {
    // The template is in memory, because a static is never dropped and its file would remain.
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let template = TEMPLATE
        .get_or_init(async || {
            let made = empty_database();
            prepare(&made.url).await.expect("the SQLite template");
            let wal = made.directory.path().join("iku.db-wal");
            assert!(!wal.exists(), "a connection to the template is still open");
            std::fs::read(made.directory.path().join("iku.db")).expect("the SQLite template")
        })
        .await;
    let copy = empty_database();
    std::fs::write(copy.directory.path().join("iku.db"), template).expect("a copy of the SQLite template");
    copy
}

pub fn empty_database() -> TestDatabase {
    let directory = tempfile::Builder::new()
        .prefix("iku-sqlite-")
        .tempdir()
        .expect("a temporary directory");
    let url = format!("sqlite://{}?mode=rwc", directory.path().join("iku.db").display());
    TestDatabase { url, directory }
}
