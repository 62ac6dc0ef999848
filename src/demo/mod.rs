//! A year of made-up records, to look around in: `iku demo`.

use crate::platform::Error;
use crate::platform::db::Db;

/// Fills a prepared database.
pub async fn fill(_db: &Db) -> Result<(), Error> {
    Ok(())
}
