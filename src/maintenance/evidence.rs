//! The files of evidence of a backup: a folder beside the backup, which all backups there share, and a list of hashes for each backup,
//! which `sha256sum --check` reads.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};

use super::checks::Depth;
use super::{files, sentence};
use crate::evidence::query::hashes_after;
use crate::evidence::store::make_folder;
use crate::platform::db::ReadTx;
use crate::platform::db::lock::beside;
use crate::platform::error::Error;
use crate::platform::fingerprint::to_hex;

/// The folder of the files, beside the backups.
const FOLDER: &str = "evidence-of-backups";

/// The ending of the list of hashes.
const LIST: &str = ".evidence.sha256";

/// The hashes that are read at once.
const STEP: u64 = 1000;

/// What is found under the name of a hash.
#[derive(Debug)]
pub enum Bytes {
    Right,
    Missing,
    Changed,
    Unreadable(std::io::Error),
}

/// Compares a file with its hash and its length; with a quick check with its length alone.
pub fn bytes_of(file: &Path, sha256: &str, bytes: i64, depth: Depth) -> Bytes {
    match judge(file, sha256, bytes, depth) {
        Ok(true) => Bytes::Right,
        Ok(false) => Bytes::Changed,
        Err(e) if e.kind() == ErrorKind::NotFound => Bytes::Missing,
        Err(e) => Bytes::Unreadable(e),
    }
}

fn judge(file: &Path, sha256: &str, bytes: i64, depth: Depth) -> std::io::Result<bool> {
    let mut opened = File::open(file)?;
    if i64::try_from(opened.metadata()?.len()) != Ok(bytes) {
        return Ok(false);
    }
    if depth == Depth::Quick {
        return Ok(true);
    }
    let mut hash = Context::new(&SHA256);
    let mut part = [0; 64 << 10];
    loop {
        match opened.read(&mut part)? {
            0 => return Ok(to_hex(hash.finish().as_ref()) == sha256),
            read => hash.update(part.get(..read).unwrap_or_default()),
        }
    }
}

/// The files of a database.
pub struct Evidence {
    /// By hash, with their lengths.
    files: Vec<(String, i64)>,
}

impl Evidence {
    /// Reads which files a database needs.
    pub async fn of(tx: &ReadTx) -> Result<Self, Error> {
        let mut files: Vec<(String, i64)> = Vec::new();
        loop {
            let after = files.last().map_or(String::new(), |(last, _)| last.clone());
            let next = hashes_after(tx, &after, STEP).await?;
            if next.is_empty() {
                return Ok(Self { files });
            }
            files.extend(next);
        }
    }

    /// Copies the files beside a backup, each once, and writes the list. Returns one line for each file that the folder of the
    /// service lacks, or has with other bytes.
    pub fn save(&self, from: &Path, backup: &Path) -> Result<Vec<String>, String> {
        let list = beside(backup, LIST);
        if self.files.is_empty() {
            fs::remove_file(&list).ok();
            return Ok(Vec::new());
        }
        let faults = self.copy(from, &folder_beside(backup))?;
        let partial = beside(&list, &format!(".partial-{}", std::process::id()));
        let write = || -> std::io::Result<()> {
            let mut file = files::create(&partial)?;
            for (sha256, _) in &self.files {
                writeln!(file, "{sha256}  {FOLDER}/{sha256}")?;
            }
            file.sync_all()?;
            files::name(&partial, &list, true)
        };
        write().map_err(|e| format!("{} cannot be written: {e}.", list.display()))?;
        Ok(faults)
    }

    /// Brings the files of a backup into the folder of the service. Returns one line for each that the backup lacks, too.
    pub fn bring_back(&self, backup: &Path, to: &Path) -> Result<Vec<String>, String> {
        if self.files.is_empty() {
            return Ok(Vec::new());
        }
        self.copy(&folder_beside(backup), to)
    }

    /// Copies what a folder lacks, or has with other bytes. Each file gets its name after its bytes are right and on the disk.
    fn copy(&self, from: &Path, to: &Path) -> Result<Vec<String>, String> {
        let cannot = |e: std::io::Error| format!("{} cannot be written: {e}.", to.display());
        make_folder(to).map_err(cannot)?;
        let mut faults = Vec::new();
        for (sha256, bytes) in &self.files {
            let target = to.join(sha256);
            let is_right = |file: &Path| bytes_of(file, sha256, *bytes, Depth::Full);
            if matches!(is_right(&target), Bytes::Right) {
                continue;
            }
            let source = from.join(sha256);
            let fault = match is_right(&source) {
                Bytes::Right => None,
                Bytes::Missing => Some("is missing".to_owned()),
                Bytes::Changed => Some("has other bytes than it had".to_owned()),
                Bytes::Unreadable(error) => Some(format!("cannot be read: {}", sentence(error))),
            };
            if let Some(fault) = fault {
                faults.push(format!("evidence: {} {fault}", source.display()));
                continue;
            }
            let partial = beside(&target, &format!(".partial-{}", std::process::id()));
            files::discard(&partial);
            files::copy(&source, &partial).map_err(cannot)?;
            files::name(&partial, &target, true).map_err(cannot)?;
            files::give_to_owner_of(to, &target).map_err(cannot)?;
        }
        Ok(faults)
    }
}

fn folder_beside(backup: &Path) -> PathBuf {
    backup.with_file_name(FOLDER)
}
