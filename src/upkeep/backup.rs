//! `iku backup FILE`: a copy of the database, made while it is in use and verified before it gets its name.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::checks::{self, Depth, Findings, database};
use super::schema::{self, Schema};
use super::sqlite::{self, Fault};
use super::{files, said};
use crate::platform::db::lock::{beside, sqlite_file};
use crate::platform::db::{ReadTx, Reader, stamps};
use crate::platform::error::Error;

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Backup {
    pub bytes: u64,
    pub contents: Contents,
}

/// What a sound file holds.
#[derive(Clone, Debug)]
pub struct Contents {
    pub schema: Schema,
    /// Its newest record.
    pub newest: DateTime<Utc>,
    /// Records that contradict each other. The file holds what the database holds, these too.
    pub findings: Findings,
}

const POSTGRES: &str = "PostgreSQL makes its own backups: pg_dump --format=custom --file=FILE \"$IKU_DATABASE_URL\"";

/// Makes the backup of the database at an address.
pub async fn backup(url: &str, file: &Path, force: bool) -> Result<Backup, String> {
    let database = sqlite_file(url)?.ok_or(POSTGRES)?;
    sqlite::must_be_there(url)?;
    must_be_free(file, force, &database)?;
    // Beside its final name, so that giving the name is one step.
    let partial = beside(file, &format!(".partial-{}", std::process::id()));
    let cannot = |e: std::io::Error| format!("{} cannot be written: {e}.", file.display());
    let made = async {
        files::create(&partial).map_err(cannot)?;
        copy(&database, &partial).await?;
        files::sync(&partial).map_err(cannot)?;
        let contents = inspect(&partial, file).await?;
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

/// Nothing is overwritten unasked, and the database itself never.
fn must_be_free(file: &Path, force: bool, database: &Path) -> Result<(), String> {
    let shown = file.display();
    if file.is_dir() {
        return Err(format!("{shown} is a folder; name a file in it."));
    }
    if files::of_database(database).any(|own| files::same(file, &own)) {
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

/// What is in a file that nobody writes to; it is called by the name that people know it by. An error when it is
/// damaged or not ours.
pub async fn inspect(file: &Path, called: &Path) -> Result<Contents, String> {
    let called = called.display();
    let reader = Reader::open_file(file)
        .await
        .map_err(|e| format!("{called} cannot be opened: {}.", sqlite::cause(&e)))?;
    let mut findings = Findings::default();
    let looked = reader.read(async |tx| look(tx, &mut findings).await).await;
    reader.close().await;
    let Some((schema, newest)) = looked.map_err(said)? else {
        let first = findings.faults.first().map_or("", String::as_str);
        return Err(format!("{called} is damaged: {first}."));
    };
    match schema {
        Schema::Foreign | Schema::Newer(_) => Err(format!("{called} cannot be used: {}.", schema::words(&schema))),
        Schema::Older | Schema::Current => Ok(Contents {
            schema,
            newest,
            findings,
        }),
    }
}

/// `None`: the database itself calls its file damaged.
async fn look(tx: &ReadTx, findings: &mut Findings) -> Result<Option<(Schema, DateTime<Utc>)>, Error> {
    database::check(tx, Depth::Full, findings).await?;
    if !findings.faults.is_empty() {
        return Ok(None);
    }
    let schema = schema::of(tx).await?;
    let mut newest = DateTime::UNIX_EPOCH;
    if schema == Schema::Current {
        newest = stamps::latest(tx, None).await?;
        checks::records(tx, findings).await?;
    }
    Ok(Some((schema, newest)))
}
