//! `iku restore FILE`: checks a backup, then replaces the database with it.
//!
//! If the machine stops at any moment, the name of the database leads to the whole old database or to the whole new one:
//! 1. The backup is copied beside the database, checked there, brought to this version's schema and flushed. Until then
//!    nothing of the old database has changed; the next restore removes a leftover copy.
//! 2. The old database becomes one file: SQLite writes its journal back and removes it. That survives a crash, and fails
//!    while another program has the file open. A journal that outlived its database would be played into the new one and
//!    destroy it.
//! 3. The old file gets a second name, `iku.db.before-restore-<instant>`, and keeps its first.
//! 4. One rename gives the first name to the new file, and the folder is flushed.
//!
//! If the old database cannot be read any more, its journals get second names too and are removed between 3 and 4.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use migration::{Migrator, MigratorTrait};

use super::checks::{self, Findings};
use super::sqlite::{self, Fault};
use super::{files, integrity, said};
use crate::platform::db::lock::{FileLock, JOURNALS, beside, files_of, sqlite_file};
use crate::platform::db::{Db, stamps};

/// A finished restore.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The newest restored record.
    pub newest: DateTime<Utc>,
    /// The former database, if there was one.
    pub former: Option<PathBuf>,
}

const POSTGRES: &str =
    "PostgreSQL restores its own backups: createdb NAME, then pg_restore --no-owner --dbname=NAME FILE";

/// Replaces the database at an address.
pub async fn restore(url: &str, file: &Path) -> Result<Restored, String> {
    let database = sqlite_file(url)?.ok_or(POSTGRES)?;
    let _lock = FileLock::take(url)?;
    if files_of(&database).any(|own| files::is_same(file, &own)) {
        return Err(format!(
            "{} belongs to the database itself, it is no backup.",
            file.display()
        ));
    }
    sqlite::must_look_whole(file)?;
    let copy = beside(&database, ".restoring");
    files::discard(&copy);
    let done = async {
        let newest = prepare(url, file, &copy, &database).await?;
        let former = replace(&database, &copy).await?;
        Ok(Restored { newest, former })
    };
    let done = done.await;
    if done.is_err() {
        files::discard(&copy);
    }
    done
}

/// Copies the backup beside the database and brings it to this version. No entity tag of the former database is given out
/// again. Returns the newest record.
async fn prepare(url: &str, file: &Path, copy: &Path, database: &Path) -> Result<DateTime<Utc>, String> {
    let shown = file.display();
    let cannot = |e: std::io::Error| format!("{shown} cannot be copied to {}: {e}.", copy.display());
    files::copy(file, copy).map_err(cannot)?;
    // The copy is checked, because the copy stays.
    integrity::must_be_ours(copy, file).await?;
    let former = sqlite::newest_stamp(database).await;
    let newest = adopt(url, file, former).await?;
    sqlite::become_one_file(copy)
        .await
        .map_err(|_| format!("{} is held by another program.", copy.display()))?;
    let model = if database.exists() {
        database
    } else {
        files::folder(database)
    };
    files::give_to_owner_of(model, copy).map_err(cannot)?;
    files::sync(copy).map_err(cannot)?;
    Ok(newest)
}

/// Brings the copy to the schema of this version and stamps every district again, later than the last record of the former
/// database, whose clock may have been ahead. Returns the newest record.
async fn adopt(url: &str, file: &Path, former: i64) -> Result<DateTime<Utc>, String> {
    let address = url.split('?').next().unwrap_or(url);
    let db = Db::open(&format!("{address}.restoring?mode=rw")).await.map_err(said)?;
    let adopted = async {
        Migrator::up(db.connection(), None).await.map_err(said)?;
        let newest = db.read(async |tx| stamps::latest(tx, None).await).await.map_err(said)?;
        db.write(async |tx| stamps::restamp_all(tx, former).await)
            .await
            .map_err(said)?;
        let mut findings = Findings::default();
        db.read(async |tx| checks::records(tx, &mut findings).await)
            .await
            .map_err(said)?;
        must_be_sound(file, &findings)?;
        Ok(newest)
    };
    let adopted = adopted.await;
    db.close().await.map_err(said)?;
    adopted
}

fn must_be_sound(file: &Path, findings: &Findings) -> Result<(), String> {
    match findings.faults.as_slice() {
        [] => Ok(()),
        [first, rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            Err(format!("{} contradicts itself: {first}{more}.", file.display()))
        }
    }
}

/// Steps 2 to 4.
async fn replace(database: &Path, copy: &Path) -> Result<Option<PathBuf>, String> {
    let shown = database.display();
    let cannot = |e: std::io::Error| format!("{shown} cannot be replaced: {e}.");
    if database.exists() {
        match sqlite::become_one_file(database).await {
            Ok(()) | Err(Fault::Damaged) => {}
            Err(Fault::Busy) => return Err(format!("{shown} is open in another program; end that one first.")),
            Err(Fault::Other(said)) => return Err(format!("{shown} cannot be set aside: {said}.")),
        }
    }
    let former = beside(
        database,
        &Utc::now().format(".before-restore-%Y%m%dT%H%M%S%6fZ").to_string(),
    );
    let found = |suffix: &&str| beside(database, suffix).exists();
    for suffix in JOURNALS.iter().chain([&""]).filter(|s| found(s)) {
        files::link(&beside(database, suffix), &beside(&former, suffix)).map_err(cannot)?;
    }
    files::sync(files::folder(database)).map_err(cannot)?;
    for journal in JOURNALS.iter().filter(|s| found(s)) {
        fs::remove_file(beside(database, journal)).map_err(cannot)?;
    }
    files::name(copy, database, true).map_err(cannot)?;
    Ok(former.exists().then_some(former))
}
