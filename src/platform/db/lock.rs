//! One process owns a SQLite file: `serve` and every writing command lock a file beside it. Only `iku keys` writes without
//! the lock: the owner reads the keys again every two seconds.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use sea_orm::sqlx::sqlite::SqliteConnectOptions;

/// The lock, as long as the value lives. The system releases it also when the process dies.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock `<file>.lock` of a SQLite address. PostgreSQL needs no lock: its instances run side by side.
    /// The error is a sentence for the user.
    pub fn take(url: &str) -> Result<Option<Self>, String> {
        let Some(file) = sqlite_file(url)? else {
            return Ok(None);
        };
        let path = beside(&file, ".lock");
        let shown = path.display();
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| format!("{shown} cannot be opened: {e}."))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Err(format!(
                "The database is in use by another iku process (it holds {shown}); stop that one first."
            )),
            Err(TryLockError::Error(e)) => Err(format!("{shown} cannot be locked: {e}.")),
        }
    }
}

/// Returns the file of a SQLite address; `None` for an address of PostgreSQL. The error is a sentence for the user.
pub fn sqlite_file(url: &str) -> Result<Option<PathBuf>, String> {
    if !url.starts_with("sqlite:") {
        return Ok(None);
    }
    let options: SqliteConnectOptions = url
        .parse()
        .map_err(|e| format!("IKU_DATABASE_URL cannot be read: {e}."))?;
    Ok(Some(options.get_filename().to_path_buf()))
}

/// `iku.db` and `.lock` make `iku.db.lock`.
pub fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}
