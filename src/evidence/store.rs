//! The folder of the files. A file has the name of its hash. It gets the name in one step, after its bytes have reached the disk.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use object_store::local::LocalFileSystem;
use object_store::path::Path as Name;
use object_store::{GetResult, MultipartUpload, ObjectMeta, ObjectStoreExt as _};
use uuid::Uuid;

use crate::platform::db::lock::{beside, sqlite_file};
use crate::platform::error::{Error, OrInternal};
use crate::platform::http::Sha256;
use crate::platform::http::limits::at_work::{Caller, ReadQueues, Turn};
use crate::platform::http::middleware::rate_limit::too_many;

/// Only the owner may look into the folder.
const PRIVATE: u32 = 0o700;

/// Uploads of one account that are at work; the next ones wait.
const AT_WORK: usize = 4;

/// The folder on PostgreSQL, if no setting names one.
const FOLDER: &str = "iku-evidence";

/// Where the files are, and how many bytes a district may keep.
#[derive(Debug)]
pub struct EvidenceStore {
    folder: PathBuf,
    files: OnceLock<LocalFileSystem>,
    /// The bytes of one district, see `upload.rs`.
    pub most_bytes: u64,
    turns: ReadQueues,
}

/// Returns the folder of the settings: the given one, or the one beside a SQLite database.
pub fn folder(given: Option<&Path>, url: &str) -> Result<PathBuf, String> {
    Ok(match (given, sqlite_file(url)?) {
        (Some(given), _) => given.to_owned(),
        (None, Some(database)) => beside(&database, ".evidence"),
        (None, None) => PathBuf::from(FOLDER),
    })
}

/// Makes a folder that only its owner may read, and waits until it has reached the disk.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(PRIVATE).create(folder)?;
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

impl EvidenceStore {
    /// The folder is made with the first file.
    pub fn new(folder: PathBuf, most_bytes: u64) -> Self {
        Self {
            folder,
            files: OnceLock::new(),
            most_bytes,
            turns: ReadQueues::new(Some(AT_WORK)),
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn files(&self) -> Result<&LocalFileSystem, Error> {
        if let Some(files) = self.files.get() {
            return Ok(files);
        }
        make_folder(&self.folder).map_err(|e| refused(&self.folder.display(), &e))?;
        let files = LocalFileSystem::new_with_prefix(&self.folder).or_internal()?;
        // Without it, a power loss could leave a row and an empty file.
        Ok(self.files.get_or_init(|| files.with_fsync(true)))
    }

    /// Waits until an account may send a file. 429 if many of its files wait.
    pub async fn turn(&self, account: Uuid) -> Result<Option<Turn<'_>>, Error> {
        let turn = self.turns.turn(Caller::Account(account)).await;
        turn.map_err(|_| too_many(1))
    }

    /// Begins a part file. Dropping it removes the part file; completing it gives it its name.
    pub async fn begin(&self, sha256: &Sha256) -> Result<Box<dyn MultipartUpload>, Error> {
        let begun = self.files()?.put_multipart(&name(sha256)).await;
        begun.map_err(|e| refused(sha256, &e))
    }

    /// Gives a file another name, in one step.
    pub async fn rename(&self, from: &Sha256, to: &Sha256) -> Result<(), Error> {
        let renamed = self.files()?.rename(&name(from), &name(to)).await;
        renamed.map_err(|e| refused(to, &e))
    }

    /// Returns the length of a file; `None` if there is none.
    pub async fn length(&self, sha256: &Sha256) -> Result<Option<u64>, Error> {
        Ok(self.find(sha256).await?.map(|found| found.size))
    }

    pub async fn find(&self, sha256: &Sha256) -> Result<Option<ObjectMeta>, Error> {
        match self.files()?.head(&name(sha256)).await {
            Ok(found) => Ok(Some(found)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(refused(sha256, &error)),
        }
    }

    /// Opens a file.
    pub async fn open(&self, sha256: &Sha256) -> Result<GetResult, Error> {
        let opened = self.files()?.get(&name(sha256)).await;
        opened.map_err(|e| refused(sha256, &e))
    }

    pub async fn remove(&self, sha256: &Sha256) -> Result<(), Error> {
        let removed = self.files()?.delete(&name(sha256)).await;
        removed.map_err(|e| refused(sha256, &e))
    }

    /// Returns the entries of the folder; none if there is no folder yet.
    pub fn entries(&self) -> io::Result<Vec<fs::DirEntry>> {
        match fs::read_dir(&self.folder) {
            Ok(entries) => entries.collect(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }
}

fn name(sha256: &Sha256) -> Name {
    Name::from(sha256.as_str())
}

/// 503: the folder cannot be read or written, or the disk is full.
pub fn refused(what: &dyn std::fmt::Display, error: &dyn std::error::Error) -> Error {
    tracing::error!(what = %what, %error, "the folder of evidence refuses");
    Error::unavailable().detail(
        "Berkas bukti sedang tidak dapat dibaca atau disimpan. Coba lagi; bila tetap gagal, hubungi pengelola server.",
        "Files of evidence cannot be read or stored now. Try again; if it still fails, ask the operator of the server.",
    )
}
