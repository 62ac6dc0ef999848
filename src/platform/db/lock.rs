//! The files of a SQLite database: private, and owned by one process at a time.
//!
//! `serve` and every writing command hold a lock of the operating system beside the file. Only `iku keys` writes
//! without it, because every instance reads the keys again every two seconds.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sea_orm::sqlx::sqlite::SqliteConnectOptions;

/// Only the owner may read and write: a database holds password hashes and signing keys.
pub const PRIVATE: u32 = 0o600;

/// The permissions that an existing file may keep: its group may read.
const OWNER_AND_READING_GROUP: u32 = 0o740;

/// The files that SQLite writes beside a database. They belong to that database alone and destroy any other.
pub const JOURNALS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The lock lasts as long as this value. The system releases it even when the process dies.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes `<file>.lock` of a SQLite address and makes the files of the database private. PostgreSQL needs no lock: any
    /// number of instances run side by side. The error is a sentence to show.
    pub fn take(url: &str) -> Result<Option<Self>, String> {
        let Some(database) = sqlite_file(url)? else {
            return Ok(None);
        };
        let path = beside(&database, ".lock");
        let shown = path.display();
        let file = create_private(&path).map_err(|e| format!("{shown} cannot be opened: {e}."))?;
        match file.try_lock() {
            Ok(()) => {
                files_of(&database).for_each(|file| make_private(&file));
                Ok(Some(Self { _file: file }))
            }
            Err(TryLockError::WouldBlock) => Err(format!(
                "The database is in use by another iku process (it holds {shown}); stop that process first."
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

/// Creates the database file of a SQLite address whose mode allows it, unless it exists. SQLite gives its journals the
/// permissions of the database, so they are private too.
pub(super) fn create_database(url: &str) -> Result<(), String> {
    match sqlite_file(url)? {
        // A file that exists is not opened here: closing it would release the locks of other connections.
        Some(file) if url.contains("mode=rwc") && !file.exists() => {
            create_private(&file).map_err(|e| format!("{} cannot be created: {e}.", file.display()))?;
        }
        _ => {}
    }
    Ok(())
}

/// Opens a file for writing; a new file is private, with any umask.
fn create_private(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(PRIVATE);
    options.open(file)
}

/// Withdraws what others may do with a file of ours. A group may go on reading it, for a backup job, with a warning.
pub fn make_private(file: &Path) {
    let Ok(found) = fs::metadata(file) else { return };
    let (shown, mode) = (file.display(), found.permissions().mode() & 0o777);
    let left = mode & OWNER_AND_READING_GROUP;
    if left != mode {
        match fs::set_permissions(file, Permissions::from_mode(left)) {
            Ok(()) => tracing::warn!(
                "{shown} was open to other users of this machine; this is withdrawn ({mode:03o} -> {left:03o})"
            ),
            Err(error) => {
                tracing::warn!(%error, "{shown} is open to other users of this machine; make it private (chmod 600)");
            }
        }
    }
    if left & 0o040 != 0 {
        tracing::warn!("the group of {shown} may read it, with all hashes and keys in it; chmod 600 withdraws this");
    }
}

/// Returns the file of a database and every file that may be beside it.
pub fn files_of(database: &Path) -> impl Iterator<Item = PathBuf> {
    let suffixes = JOURNALS.into_iter().chain(["", ".lock"]);
    suffixes.map(|suffix| beside(database, suffix))
}

/// Returns a path with a suffix: `iku.db` and `.lock` make `iku.db.lock`.
pub fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}
