//! `iku backup FILE`: copies the database while it is in use, and verifies the copy before it gets its name.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::checks::{self, Findings};
use super::evidence::Evidence;
use super::schema::Schema;
use super::sqlite::{self, FileError};
use super::{files, integrity, sentence};
use crate::platform::db::lock::{beside, files_of, sqlite_file};
use crate::platform::db::{Reader, stamps};

/// A finished backup.
#[derive(Clone, Debug)]
pub struct Backup {
    pub bytes: u64,
    pub contents: Contents,
}

/// The results of reading the records of a backup.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    pub newest: Option<DateTime<Utc>>,
    /// The differences in the backup; the database has them too.
    pub findings: Findings,
}

const POSTGRES: &str = "PostgreSQL makes its own backups: pg_dump --format=custom --file=FILE \"$IKU_DATABASE_URL\"";

/// Makes the backup of the database at an address, and of its files in the folder of evidence.
pub async fn backup(url: &str, evidence: &Path, file: &Path, force: bool) -> Result<Backup, String> {
    let database = sqlite_file(url)?.ok_or(POSTGRES)?;
    sqlite::ensure_exists(url)?;
    ensure_free(file, force, &database)?;
    // In the same folder, so that the rename is one step.
    let partial = beside(file, &format!(".partial-{}", std::process::id()));
    let cannot = |e: std::io::Error| format!("{} cannot be written: {e}.", file.display());
    let made = async {
        files::create(&partial).map_err(cannot)?;
        copy(&database, &partial).await?;
        files::sync(&partial).map_err(cannot)?;
        let contents = contents(&partial, file, evidence).await?;
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
fn ensure_free(file: &Path, force: bool, database: &Path) -> Result<(), String> {
    let path = file.display();
    if file.is_dir() {
        return Err(format!("{path} is a folder; name a file in it."));
    }
    if files_of(database).any(|own| files::is_same(file, &own)) {
        return Err(format!("{path} belongs to the database itself; choose another name."));
    }
    if file.symlink_metadata().is_ok() && !force {
        return Err(format!("{path} exists already; choose another name or use --force."));
    }
    Ok(())
}

async fn copy(database: &Path, partial: &Path) -> Result<(), String> {
    let name = partial.to_str().ok_or("The name of a backup must be UTF-8.")?;
    sqlite::copy(database, name).await.map_err(|error| match error {
        FileError::Busy => "Another program is using the database; try again later.".to_owned(),
        FileError::Damaged => "The database is damaged and cannot be backed up; see `iku verify`.".to_owned(),
        FileError::Other(message) => format!("The backup cannot be written: {message}."),
    })
}

/// Reads the records of the finished copy. With the schema of an earlier version, only the file itself is checked.
async fn contents(partial: &Path, file: &Path, evidence: &Path) -> Result<Contents, String> {
    let mut contents = Contents::default();
    if integrity::sound_schema(partial, file).await? == Schema::Older {
        return Ok(contents);
    }
    let reader = Reader::open_file(partial).await.map_err(sentence)?;
    let looked = reader.read(async |tx| {
        contents.newest = Some(stamps::latest(tx, None).await?);
        checks::records(tx, &mut contents.findings).await?;
        Evidence::of(tx).await
    });
    let files = looked.await.map_err(sentence)?;
    reader.close().await;
    contents.findings.errors.extend(files.save(evidence, file)?);
    Ok(contents)
}
