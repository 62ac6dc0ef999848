//! The answers that wait, on disk.
//!
//! The phone only appends to the file `queue.log`. A line is one of
//!
//! ```text
//! 9c1f03aa + {"answers":...,"id":"..."}       an answer was added
//! 5be0d2c4 - 0199d4a3-... created            it has a final result
//! ```
//!
//! and begins with the CRC-32 of the rest. When [`Queue::add`] returns, the line is on the disk. The next start removes a
//! line that a power cut left incomplete; no caller was told that it was stored. When most lines are history, the file is
//! rewritten.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flate2::Crc;
use uuid::Uuid;

use crate::answer::Answer;
use crate::files;

/// The number of history lines from which the file is rewritten.
const HISTORY: usize = 1000;

/// The queue, shared by the form that adds answers and the loop that sends them.
#[derive(Debug)]
pub struct Queue {
    path: PathBuf,
    /// Locked as long as the queue is open, because the lines of two processes would mix.
    _lock: File,
    journal: Mutex<Journal>,
}

#[derive(Debug)]
struct Journal {
    file: File,
    /// The end of the last good line. Bytes after it were never acknowledged.
    length: u64,
    /// In the order in which they were added.
    waiting: BTreeMap<u64, Arc<Answer>>,
    places: HashMap<Uuid, u64>,
    next: u64,
    /// The number of lines about answers that no longer wait.
    history: usize,
}

/// The result of adding an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// The answer was stored.
    Now,
    /// The answer was already stored, with the same content.
    Before,
}

impl Queue {
    /// Opens the queue of a folder, and creates it if it is absent.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let lock = files::open(&folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let text = format!("{} is in use by another phone", folder.display());
                return Err(io::Error::new(io::ErrorKind::WouldBlock, text));
            }
            Err(TryLockError::Error(e)) => return Err(e),
        }
        let path = folder.join("queue.log");
        let mut journal = Journal::read(&path)?;
        files::sync_folder_of(&path)?;
        journal.compact(&path)?;
        Ok(Self {
            path,
            _lock: lock,
            journal: Mutex::new(journal),
        })
    }

    /// Appends an answer; it is on the disk when this returns. After an error (a full disk) it is not stored. Refuses other
    /// content under an id that waits, because an answer never changes.
    pub fn add(&self, answer: &Answer) -> io::Result<Added> {
        let mut journal = self.journal();
        if let Some(waiting) = journal.get(answer.id()) {
            return match waiting.text() == answer.text() {
                true => Ok(Added::Before),
                false => Err(io::Error::new(
                    io::ErrorKind::AlreadyExists,
                    format!("{} waits with other content; an answer never changes", answer.id()),
                )),
            };
        }
        journal.append(&line(&format!("+ {}", answer.text())))?;
        journal.added(answer.clone());
        Ok(Added::Now)
    }

    /// Returns the first waiting answers that are not in `skip`: at most `count`, and at most `bytes` of text unless the
    /// first alone is longer.
    pub fn first(&self, count: usize, bytes: usize, skip: &HashSet<Uuid>) -> Vec<Arc<Answer>> {
        let mut total = 0;
        self.journal()
            .waiting
            .values()
            .filter(|answer| !skip.contains(&answer.id()))
            .take(count)
            .take_while(|answer| {
                let is_first = total == 0;
                total += answer.text().len() + 1;
                is_first || total <= bytes
            })
            .cloned()
            .collect()
    }

    /// Purges answers that have a final result. After a crash before the write they are sent again, which is harmless.
    pub fn finish<'a>(&self, results: impl IntoIterator<Item = (Uuid, &'a str)>) -> io::Result<()> {
        let mut journal = self.journal();
        let mut lines = Vec::new();
        let mut finished = Vec::new();
        for (id, outcome) in results {
            if journal.get(id).is_some() {
                lines.extend(line(&format!("- {id} {outcome}")));
                finished.push(id);
            }
        }
        if finished.is_empty() {
            return Ok(());
        }
        journal.append(&lines)?;
        for id in finished {
            journal.finished(id);
        }
        journal.compact(&self.path)
    }

    /// Returns the number of waiting answers.
    pub fn len(&self) -> usize {
        self.journal().waiting.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal {
    /// Reads a file to its last good line and removes the bytes after it.
    fn read(path: &Path) -> io::Result<Self> {
        let mut file = files::open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut journal = Self {
            file,
            length: 0,
            waiting: BTreeMap::new(),
            places: HashMap::new(),
            next: 0,
            history: 0,
        };
        let mut damaged = Vec::new();
        for text in bytes.split_inclusive(|b| *b == b'\n') {
            let whole = text.ends_with(b"\n");
            match (entry(text.trim_ascii_end()), whole) {
                (Some(Entry::Add(answer)), true) => journal.added(answer),
                (Some(Entry::Done(id)), true) => journal.finished(id),
                // Incomplete: only the last line can have no end.
                (_, false) => break,
                // The disk damaged this line. Keep the other lines, and move this line to a file for a person.
                (None, true) => damaged.extend_from_slice(text),
            }
            journal.length += text.len() as u64;
        }
        if !damaged.is_empty() {
            let mut aside = files::open(&path.with_extension("damaged"))?;
            aside.write_all(&damaged)?;
            aside.sync_all()?;
            journal.rewrite(path)?;
        }
        journal.cut_off()?;
        Ok(journal)
    }

    fn get(&self, id: Uuid) -> Option<&Arc<Answer>> {
        self.waiting.get(self.places.get(&id)?)
    }

    fn added(&mut self, answer: Answer) {
        if self.places.contains_key(&answer.id()) {
            return;
        }
        self.places.insert(answer.id(), self.next);
        self.waiting.insert(self.next, Arc::new(answer));
        self.next += 1;
    }

    fn finished(&mut self, id: Uuid) {
        if let Some(place) = self.places.remove(&id) {
            self.waiting.remove(&place);
            self.history += 2;
        }
    }

    /// Writes lines and waits for the disk. After an error the file has its former end.
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.cut_off()?;
        match self.file.write_all(lines).and_then(|()| self.file.sync_data()) {
            Ok(()) => {
                self.length += lines.len() as u64;
                Ok(())
            }
            Err(e) => {
                // If this fails as well, the next append tries it again.
                self.cut_off().ok();
                Err(e)
            }
        }
    }

    /// Removes the bytes after the last good line.
    fn cut_off(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() != self.length {
            self.file.set_len(self.length)?;
            self.file.sync_all()?;
        }
        self.file.seek(SeekFrom::End(0)).map(|_| ())
    }

    /// Rewrites the file when most of it is history.
    fn compact(&mut self, path: &Path) -> io::Result<()> {
        if self.history < HISTORY || self.history < self.waiting.len() {
            return Ok(());
        }
        self.rewrite(path)
    }

    fn rewrite(&mut self, path: &Path) -> io::Result<()> {
        let mut lines = Vec::new();
        for answer in self.waiting.values() {
            lines.extend(line(&format!("+ {}", answer.text())));
        }
        files::replace(path, &lines)?;
        self.file = files::open(path)?;
        self.length = lines.len() as u64;
        self.history = 0;
        Ok(())
    }
}

enum Entry {
    Add(Answer),
    Done(Uuid),
}

fn line(entry: &str) -> Vec<u8> {
    format!("{:08x} {entry}\n", checksum(entry.as_bytes())).into_bytes()
}

fn entry(line: &[u8]) -> Option<Entry> {
    let line = std::str::from_utf8(line).ok()?;
    let (sum, entry) = line.split_once(' ')?;
    if sum != format!("{:08x}", checksum(entry.as_bytes())) {
        return None;
    }
    match entry.split_once(' ')? {
        ("+", text) => Answer::stored(text).map(Entry::Add),
        ("-", rest) => Uuid::parse_str(rest.split(' ').next()?).ok().map(Entry::Done),
        _ => None,
    }
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests;
