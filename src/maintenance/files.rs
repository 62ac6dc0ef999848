//! File operations that leave a complete file or no file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::Path;

use crate::platform::db::lock::{JOURNALS, PRIVATE, beside};

/// Returns the folder of a file.
pub fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Creates an empty file that only its owner may read, with any umask.
pub fn create(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(PRIVATE).open(file)
}

/// Waits until the content of a file has reached the disk.
pub fn sync(file: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()
}

/// Copies a file to a new private file.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut target = create(to)?;
    io::copy(&mut File::open(from)?, &mut target)?;
    target.sync_all()
}

/// Removes a file and its journals.
pub fn discard(file: &Path) {
    fs::remove_file(file).ok();
    for journal in JOURNALS {
        fs::remove_file(beside(file, journal)).ok();
    }
}

/// Renames a file in one step. Without `replace`, an existing file with the new name stays.
pub fn name(file: &Path, new: &Path, replace: bool) -> io::Result<()> {
    if replace {
        fs::rename(file, new)?;
    } else {
        match fs::hard_link(file, new) {
            Ok(()) => fs::remove_file(file)?,
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(e),
            // On a file system without links, a file that takes the name at this moment is lost.
            Err(_) if new.exists() => return Err(ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(file, new)?,
        }
    }
    sync(folder(new))
}

/// Gives a file a second name; on a file system without links, copies it.
pub fn link(file: &Path, second: &Path) -> io::Result<()> {
    match fs::hard_link(file, second) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Err(e),
        Err(_) => copy(file, second),
    }
}

/// Gives a file the owner and the group of another file. Its permissions stay: they are never widened.
pub fn give_to_owner_of(model: &Path, file: &Path) -> io::Result<()> {
    let model = fs::metadata(model)?;
    // Only root may give a file away; any other operator owns the file already.
    chown(file, Some(model.uid()), Some(model.gid())).ok();
    Ok(())
}

/// Returns whether both paths lead to the same file.
pub fn is_same(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => a == b,
    }
}
