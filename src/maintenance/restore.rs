//! `iku restore FILE`: checks a backup, then replaces the database with it.
//!
//! If the machine stops at any moment, the name of the database belongs to the whole old or the whole new database:
//! 1. The backup is copied beside the database, checked there, brought to this version's schema and flushed. Until then
//!    the old database is unchanged; the next restore removes a leftover copy.
//! 2. The old database becomes one file: SQLite writes its journal back and removes it. That survives a crash, and
//!    fails while another program has the file open. SQLite would apply a leftover journal to the new database and
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
use super::evidence::Evidence;
use super::sqlite::{self, FileError};
use super::{files, history, integrity, sentence};
use crate::platform::clock::Clock;
use crate::platform::db::lock::{FileLock, JOURNALS, beside, files_of, make_private, sqlite_file};
use crate::platform::db::{Db, Reader, stamps};
use crate::platform::text::quantity;

/// A finished restore.
#[derive(Clone, Debug)]
pub struct RestoreResult {
    /// The newest restored record.
    pub newest: DateTime<Utc>,
    /// The former database, if there was one.
    pub former: Option<PathBuf>,
    /// One line for each file of evidence that neither the backup nor the service has.
    pub missing: Vec<String>,
}

const POSTGRES: &str =
    "PostgreSQL restores its own backups: createdb NAME, then pg_restore --no-owner --dbname=NAME FILE";

/// Replaces the database at an address, and brings its files back into the folder of evidence. `whole`: refuses a backup that lacks
/// files.
pub async fn restore(url: &str, evidence: &Path, file: &Path, whole: bool) -> Result<RestoreResult, String> {
    let database = sqlite_file(url)?.ok_or(POSTGRES)?;
    let _lock = FileLock::take(url)?;
    if files_of(&database).any(|own| files::is_same(file, &own)) {
        return Err(format!(
            "{} belongs to the database itself and is not a backup.",
            file.display()
        ));
    }
    sqlite::ensure_complete(file)?;
    let copy = beside(&database, ".restoring");
    files::discard(&copy);
    let done = async {
        let newest = prepare(url, file, &copy, &database).await?;
        let missing = bring_back(&copy, evidence, file, whole).await?;
        let former = replace(&database, &copy).await?;
        Ok(RestoreResult {
            newest,
            former,
            missing,
        })
    };
    let done = done.await;
    if done.is_err() {
        files::discard(&copy);
    }
    done
}

/// Copies the backup beside the database and brings it to this version. No ETag of the former database is sent again.
/// Returns the newest record.
async fn prepare(url: &str, file: &Path, copy: &Path, database: &Path) -> Result<DateTime<Utc>, String> {
    let path = file.display();
    let cannot = |e: std::io::Error| format!("{path} cannot be copied to {}: {e}.", copy.display());
    make_private(file);
    files::copy(file, copy).map_err(cannot)?;
    // The check reads the copy, because the copy becomes the database.
    integrity::sound_schema(copy, file).await?;
    let former = sqlite::newest_stamp(database).await;
    let newest = adopt(url, file, former).await?;
    sqlite::become_one_file(copy)
        .await
        .map_err(|_| format!("Another program is using {}.", copy.display()))?;
    let model = if database.exists() {
        database
    } else {
        files::folder(database)
    };
    files::give_to_owner_of(model, copy).map_err(cannot)?;
    files::sync(copy).map_err(cannot)?;
    Ok(newest)
}

/// Migrates the copy to the schema of this version and stamps every district again, later than the last record of the
/// former database, whose clock may have been ahead. Returns the newest record.
async fn adopt(url: &str, file: &Path, former: i64) -> Result<DateTime<Utc>, String> {
    let address = url.split('?').next().unwrap_or(url);
    let db = Db::open(&format!("{address}.restoring?mode=rw"))
        .await
        .map_err(sentence)?;
    let adopted = async {
        Migrator::up(db.connection(), None).await.map_err(sentence)?;
        let newest = db
            .read(async |tx| stamps::latest(tx, None).await)
            .await
            .map_err(sentence)?;
        history::record(&db).await.map_err(sentence)?;
        db.write(async |tx| {
            history::note_restored(tx).await?;
            stamps::restamp_all(tx, former).await
        })
        .await
        .map_err(sentence)?;
        let mut findings = Findings::default();
        db.snapshot(async |tx| checks::records(tx, &mut findings).await)
            .await
            .map_err(sentence)?;
        ensure_sound(file, &findings)?;
        Ok(newest)
    };
    let adopted = adopted.await;
    db.close().await.map_err(sentence)?;
    adopted
}

fn ensure_sound(file: &Path, findings: &Findings) -> Result<(), String> {
    match findings.errors.as_slice() {
        [] => Ok(()),
        [first, rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            Err(format!("{} has differences: {first}{more}.", file.display()))
        }
    }
}

/// Brings the files of evidence back. They come before the database, so that no row lacks its bytes.
async fn bring_back(copy: &Path, evidence: &Path, file: &Path, whole: bool) -> Result<Vec<String>, String> {
    let reader = Reader::open_file(copy).await.map_err(sentence)?;
    let files = reader.read(async |tx| Evidence::of(tx).await).await;
    reader.close().await;
    let missing = files.map_err(sentence)?.bring_back(file, evidence)?;
    match missing.first() {
        Some(first) if whole => Err(format!(
            "The backup lacks {}: {first}. Put the folder of the backup's evidence beside {}, or use --without-evidence.",
            quantity(missing.len(), "file"),
            file.display()
        )),
        _ => Ok(missing),
    }
}

/// Steps 2 to 4.
async fn replace(database: &Path, copy: &Path) -> Result<Option<PathBuf>, String> {
    let path = database.display();
    let cannot = |e: std::io::Error| format!("{path} cannot be replaced: {e}.");
    if database.exists() {
        match sqlite::become_one_file(database).await {
            Ok(()) | Err(FileError::Damaged) => {}
            Err(FileError::Busy) => return Err(format!("{path} is open in another program; stop that program first.")),
            Err(FileError::Other(message)) => return Err(format!("{path} cannot be renamed: {message}.")),
        }
    }
    let former = beside(
        database,
        &Clock::System
            .now()
            .format(".before-restore-%Y%m%dT%H%M%S%6fZ")
            .to_string(),
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
