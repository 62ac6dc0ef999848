//! `iku verify --closing`: verifies a statement and its document without a database, or compares a statement with a database.

use std::fs;
use std::path::Path;

use super::Failure;
use crate::closings::verification;
use crate::maintenance;
use crate::platform::console::print;

pub fn verify(statement: &Path, document: &Path, keys: &Path) -> Result<(), Failure> {
    let (statement, keys, document) = (text(statement)?, text(keys)?, read(document)?);
    let keys = verification::keys(&keys)?;
    let (said, key) = verification::statement(statement.trim_end(), &keys).map_err(Failure::Differs)?;
    verification::document(&document, &said).map_err(Failure::Differs)?;
    print(&format!(
        "The statement and the document belong together, and the key signed the statement.\n\
         closing      {} version {} of {} {}, as known at {}\n\
         document     sha256 {}, {} bytes\n\
         key          {}\n\
         fingerprint  {}\n\
         Compare the fingerprint with the one that the office published elsewhere.\n",
        said.jti,
        said.version,
        said.district,
        said.period,
        said.as_of.format("%Y-%m-%d %H:%M:%S%.6f UTC"),
        said.document.sha256,
        said.document.bytes,
        key.kid,
        key.fingerprint(),
    ))?;
    Ok(())
}

pub async fn compare(url: &str, statement: &Path) -> Result<(), Failure> {
    let statement = text(statement)?;
    match maintenance::statement::compare(url, statement.trim_end()).await? {
        Ok(found) => Ok(print(&format!("{found}\n"))?),
        Err(difference) => Err(Failure::Differs(difference)),
    }
}

fn text(file: &Path) -> Result<String, String> {
    String::from_utf8(read(file)?).map_err(|_| format!("{} is not text.", file.display()))
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|e| format!("{} cannot be read: {e}.", file.display()))
}
