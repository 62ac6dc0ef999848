//! `iku backup FILE`: copies the database while it is in use, and verifies the copy before it gets its name.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::checks::{self, Findings};
use super::schema::Schema;
use super::sqlite::{self, Fault};
use super::{files, integrity, said};
use crate::platform::db::lock::{beside, files_of, sqlite_file};
use crate::platform::db::{Reader, stamps};

/// A finished backup.
#[derive(Clone, Debug)]
pub struct Backup {
    pub bytes: u64,
    pub contents: Contents,
}

/// The records of a backup, as far as they could be read.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    pub newest: Option<DateTime<Utc>>,
    /// Records that contradict each other, as they do in the database.
    pub findings: Findings,
}

const POSTGRES: &str = "PostgreSQL makes its own backups: pg_dump --format=custom --file=FILE \"$IKU_DATABASE_URL\"";

/// Makes the backup of the database at an address.
pub async fn backup(url: &str, file: &Path, force: bool) -> Result<Backup, String> {
    let database = sqlite_file(url)?.ok_or(POSTGRES)?;
    sqlite::must_be_there(url)?;
    must_be_free(file, force, &database)?;
    // In the same folder, so that the rename is one step.
    let partial = beside(file, &format!(".partial-{}", std::process::id()));
    let cannot = |e: std::io::Error| format!("{} cannot be written: {e}.", file.display());
    let made = async {
        files::create(&partial).map_err(cannot)?;
        copy(&database, &partial).await?;
        files::sync(&partial).map_err(cannot)?;
        let contents = contents(&partial, file).await?;
        let bytes = fs::metadata(&partial).map_err(cannot)?.len();
        files::name(&partial, file, force).map_err(cannot)?;
        Ok(Backup { bytes, contents })
    };
    let made = made.await;
    if made.is_err() {
        files::discard(&partial);
    }
    made
}

/// Refuses to overwrite a file without `--force`, and the database itself always.
fn must_be_free(file: &Path, force: bool, database: &Path) -> Result<(), String> {
    let shown = file.display();
    if file.is_dir() {
        return Err(format!("{shown} is a folder; name a file in it."));
    }
    if files_of(database).any(|own| files::is_same(file, &own)) {
        return Err(format!("{shown} belongs to the database itself; choose another name."));
    }
    if file.symlink_metadata().is_ok() && !force {
        return Err(format!("{shown} exists already; choose another name or say --force."));
    }
    Ok(())
}

async fn copy(database: &Path, partial: &Path) -> Result<(), String> {
    let name = partial.to_str().ok_or("The name of a backup must be UTF-8.")?;
    sqlite::copy(database, name).await.map_err(|fault| match fault {
        Fault::Busy => "The database is held by another program; try again later.".to_owned(),
        Fault::Damaged => "The database is damaged, there is nothing to back up; `iku verify` says more.".to_owned(),
        Fault::Other(said) => format!("The backup cannot be written: {said}."),
    })
}

/// Reads the records of the finished copy. With the schema of an earlier version, only the file itself is checked.
async fn contents(partial: &Path, file: &Path) -> Result<Contents, String> {
    let mut contents = Contents::default();
    if integrity::must_be_ours(partial, file).await? == Schema::Older {
        return Ok(contents);
    }
    let reader = Reader::open_file(partial).await.map_err(said)?;
    let looked = reader.read(async |tx| {
        contents.newest = Some(stamps::latest(tx, None).await?);
        checks::records(tx, &mut contents.findings).await
    });
    looked.await.map_err(said)?;
    reader.close().await;
    Ok(contents)
}
