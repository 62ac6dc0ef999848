//! SQLite files for the tests. A template is made once and stays in memory, so a copy takes a few milliseconds.

use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::backend::Content;

pub struct TestDatabase {
    pub url: String,
    directory: TempDir,
}

pub async fn database(content: Content) -> TestDatabase {
    // In memory, because a static is never dropped and its file would remain.
    static FIRST_START: OnceCell<Vec<u8>> = OnceCell::const_new();
    static DEMONSTRATION: OnceCell<Vec<u8>> = OnceCell::const_new();
    let template = match content {
        Content::FirstStart => &FIRST_START,
        Content::Demonstration => &DEMONSTRATION,
    };
    let make = async || {
        let made = empty_database();
        content.prepare(&made.url).await.expect("the SQLite template");
        let wal = made.directory.path().join("iku.db-wal");
        assert!(!wal.exists(), "a connection to the template is still open");
        std::fs::read(made.directory.path().join("iku.db")).expect("the SQLite template")
    };
    let bytes = template.get_or_init(make).await;
    let copy = empty_database();
    std::fs::write(copy.directory.path().join("iku.db"), bytes).expect("a copy of the SQLite template");
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
