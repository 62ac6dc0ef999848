//! Files that are there in full or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

use super::sqlite::JOURNALS;
use crate::platform::db::lock::beside;

/// The folder that holds a file.
pub fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// An empty file that only its owner may read: a database holds password hashes and keys.
pub fn create(file: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)
}

/// Waits until what was written to a file has reached the disk.
pub fn sync(file: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()
}

/// Copies the bytes of a file to a new one.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut target = create(to)?;
    io::copy(&mut File::open(from)?, &mut target)?;
    target.sync_all()
}

/// Takes a file away with whatever SQLite left beside it.
pub fn discard(file: &Path) {
    fs::remove_file(file).ok();
    for journal in JOURNALS {
        fs::remove_file(beside(file, journal)).ok();
    }
}

/// Gives a file another name, in one step. What has that name already stays unless `replace`.
pub fn name(file: &Path, new: &Path, replace: bool) -> io::Result<()> {
    if replace {
        fs::rename(file, new)?;
    } else {
        match fs::hard_link(file, new) {
            Ok(()) => fs::remove_file(file)?,
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(e),
            // A file system without links: whoever makes the same name in this moment loses it.
            Err(_) if new.exists() => return Err(ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(file, new)?,
        }
    }
    sync(folder(new))
}

/// Gives a file a second name; where there are no links, a copy has it.
pub fn also_name(file: &Path, second: &Path) -> io::Result<()> {
    match fs::hard_link(file, second) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Err(e),
        Err(_) => copy(file, second),
    }
}

/// Whoever could use the one file can use the other.
pub fn share_like(model: &Path, file: &Path) -> io::Result<()> {
    let model = fs::metadata(model)?;
    // Only root may give a file away; whoever else restores is the owner already.
    chown(file, Some(model.uid()), Some(model.gid())).ok();
    if model.is_file() {
        fs::set_permissions(file, model.permissions())?;
    }
    Ok(())
}

/// Are these one file, by whatever names?
pub fn same(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => a == b,
    }
}

/// The file of a database and all that may stand beside it.
pub fn of_database(database: &Path) -> impl Iterator<Item = PathBuf> {
    let beside = JOURNALS
        .into_iter()
        .chain(["", ".lock"])
        .map(|suffix| beside(database, suffix));
    beside.collect::<Vec<_>>().into_iter()
}
