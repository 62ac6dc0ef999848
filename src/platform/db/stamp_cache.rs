//! The stamps of the last commit, in memory: a sequence lock (docs/adr/0008).
//!
//! Only a database with one writing process can have it: SQLite. A commit replaces the stamps that it gave. If it fails,
//! or gives stamps in another way, the stamps are forgotten, and the next request loads them again.

use std::sync::{Arc, PoisonError, RwLock};

use ::entity::stamp;

use super::stream::Stamps;

#[derive(Debug, Default)]
pub struct StampCache(RwLock<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stamps: Option<Arc<Stamps>>,
    /// The number of commits that have started.
    started: u64,
    /// The number of commits that have not ended. A count, not a flag: the connection is free again before `end_commit`
    /// runs, so the next commit may start in between.
    in_progress: u32,
}

/// A time in which no commit was in progress. It ends when the next commit starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(u64);

impl StampCache {
    /// Returns the stamps of all districts, if they are known. While a commit is in progress these are the stamps
    /// before it: its caller has no response yet.
    pub fn get(&self) -> Option<Arc<Stamps>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).stamps.clone()
    }

    /// Returns the current epoch; `None` while a commit is in progress.
    pub fn current_epoch(&self) -> Option<Epoch> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        (inner.in_progress == 0).then_some(Epoch(inner.started))
    }

    /// Returns whether no commit has started since. If one has, the rows read since then may mix two states.
    pub fn is_current(&self, epoch: Epoch) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).started == epoch.0
    }

    /// Caches stamps that were read in an epoch, unless it has ended.
    pub fn put(&self, epoch: Epoch, stamps: Arc<Stamps>) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if inner.started == epoch.0 {
            inner.stamps = Some(stamps);
        }
    }

    /// Must run before the commit. Without [`StampCache::end_commit`] after it, there is no further epoch.
    pub fn start_commit(&self) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        inner.started += 1;
        inner.in_progress += 1;
    }

    /// Must run after the commit and before its caller gets a response. `given` are the stamps that the commit gave;
    /// `None`: unknown, as after a failure, because a commit that returned an error may still have been applied.
    pub fn end_commit(&self, given: Option<&[stamp::Model]>) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        inner.in_progress = inner.in_progress.saturating_sub(1);
        match given {
            None => inner.stamps = None,
            Some([]) => (),
            Some(rows) => inner.stamps = inner.stamps.take().map(|stamps| Arc::new(stamps.advanced(rows))),
        }
    }
}
