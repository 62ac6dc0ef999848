//! Operations on a SQLite file as a whole.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{self, ConnectOptions, Connection};
use sea_orm::{DbErr, RuntimeErr};

use crate::platform::db::lock::{JOURNALS, beside, sqlite_file};

/// The time to wait for another program.
const PATIENCE: Duration = Duration::from_secs(5);

/// The error of a statement on the whole file.
#[derive(Debug)]
pub enum FileError {
    /// Another program has the file open.
    Busy,
    /// The file is damaged or is not a database.
    Damaged,
    /// The message of the system or of SQLite.
    Other(String),
}

impl From<sqlx::Error> for FileError {
    fn from(error: sqlx::Error) -> Self {
        Self::of(&error)
    }
}

impl FileError {
    fn of(error: &sqlx::Error) -> Self {
        // The low byte of an extended code is the primary code: 5 busy, 6 locked, 11 corrupt, 26 not a database.
        let code = error.as_database_error().and_then(|e| e.code());
        match code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
            Some(5 | 6) => FileError::Busy,
            Some(11 | 26) => FileError::Damaged,
            _ => FileError::Other(text(error)),
        }
    }
}

/// Returns the message of the database, without the messages of the libraries around it.
pub fn cause(error: &DbErr) -> String {
    of_driver(error).map_or_else(|| error.to_string(), text)
}

/// Returns whether the error says that the file is damaged.
pub fn is_damage(error: &DbErr) -> bool {
    of_driver(error).is_some_and(|e| matches!(FileError::of(e), FileError::Damaged))
}

fn of_driver(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(e))
        | DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e)) => Some(e),
        _ => None,
    }
}

fn text(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::PoolTimedOut => "it does not respond".to_owned(),
        other => other.to_string(),
    }
}

/// Fails if there is no database; a maintenance command makes none.
pub fn ensure_exists(url: &str) -> Result<(), String> {
    let Some(file) = sqlite_file(url)? else {
        return Ok(());
    };
    match fs::metadata(&file) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(format!("{} is not a file.", file.display())),
        Err(e) => Err(format!("There is no database {}: {e}.", file.display())),
    }
}

/// Checks that the file has the header of a SQLite database and the length that the header names, and that no journal
/// belongs to it. The pages are not read.
pub fn ensure_complete(file: &Path) -> Result<(), String> {
    let path = file.display();
    let unreadable = |e: std::io::Error| format!("{path} cannot be read: {e}.");
    let found = fs::metadata(file).map_err(unreadable)?;
    if !found.is_file() {
        return Err(format!("{path} is not a file."));
    }
    let mut header = [0; 100];
    match fs::File::open(file).map_err(unreadable)?.read_exact(&mut header) {
        Ok(()) if header.starts_with(b"SQLite format 3\0") => {}
        Err(e) if e.kind() != ErrorKind::UnexpectedEof => return Err(unreadable(e)),
        _ => return Err(format!("{path} is not a SQLite database.")),
    }
    if let Some(expected) = length(&header)
        && found.len() != expected
    {
        return Err(format!(
            "{path} is incomplete: it has {} of {expected} bytes.",
            found.len()
        ));
    }
    let unfinished = JOURNALS.map(|suffix| beside(file, suffix));
    match unfinished
        .iter()
        .find(|journal| fs::metadata(journal).is_ok_and(|j| j.len() > 0))
    {
        None => Ok(()),
        Some(journal) => Err(format!(
            "{path} is a copy of a database in use ({} belongs to it); make the backup with `iku backup`.",
            journal.display()
        )),
    }
}

/// Returns the length in bytes that the header names, if any (<https://www.sqlite.org/fileformat.html>).
fn length(header: &[u8; 100]) -> Option<u64> {
    let two = |at: usize| u64::from(header[at]) << 8 | u64::from(header[at + 1]);
    let four = |at: usize| two(at) << 16 | two(at + 2);
    let page = if two(16) == 1 { 65_536 } else { two(16) };
    // The number of pages is valid only if it was written together with the last change.
    (four(24) == four(92) && four(28) > 0).then(|| page * four(28))
}

/// Copies a database that may be in use to an empty file, in one read transaction: no writer waits, and later commits are
/// not in the copy.
pub async fn copy(database: &Path, to: &str) -> Result<(), FileError> {
    let mut connection = open(database).await?;
    let copied = sqlx::query("VACUUM INTO ?").bind(to).execute(&mut connection).await;
    connection.close().await.ok();
    copied?;
    Ok(())
}

/// Writes the journals back and removes them, so that the file alone is the database. Fails while a program has it open.
pub async fn become_one_file(file: &Path) -> Result<(), FileError> {
    let mut connection = open(file).await?;
    let mode: Result<String, _> = sqlx::query_scalar("PRAGMA journal_mode = DELETE")
        .fetch_one(&mut connection)
        .await;
    connection.close().await.ok();
    match mode?.as_str() {
        "delete" => Ok(()),
        _ => Err(FileError::Busy),
    }
}

/// Returns the newest stamp in a file, in microseconds; 0 if none can be read.
pub async fn newest_stamp(file: &Path) -> i64 {
    let asked = async {
        let mut connection = open(file).await?;
        let newest: Result<Option<i64>, _> = sqlx::query_scalar("SELECT max(recorded_at) FROM stamp")
            .fetch_one(&mut connection)
            .await;
        connection.close().await.ok();
        newest.map_err(FileError::from)
    };
    asked.await.ok().flatten().unwrap_or(0)
}

async fn open(file: &Path) -> Result<SqliteConnection, FileError> {
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(PATIENCE);
    Ok(options.disable_statement_logging().connect().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_tells_how_long_its_file_is() {
        let mut header = [0; 100];
        header[16..18].copy_from_slice(&[0x10, 0]);
        header[24..28].copy_from_slice(&[0, 0, 0, 7]);
        header[28..32].copy_from_slice(&[0, 0, 1, 2]);
        assert_eq!(
            length(&header),
            None,
            "written by a program that does not keep the number"
        );
        header[92..96].copy_from_slice(&[0, 0, 0, 7]);
        assert_eq!(length(&header), Some(4096 * 258));
        header[16..18].copy_from_slice(&[0, 1]);
        assert_eq!(length(&header), Some(65_536 * 258));
    }
}
