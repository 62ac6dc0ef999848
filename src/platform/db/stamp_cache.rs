//! The stamps of the last commit, in memory: a sequence lock (docs/adr/0008).
//!
//! Only a database with one writing process can have it: SQLite. Nothing is learnt from a commit. The stamps are
//! forgotten, and the next request loads them again.

use std::sync::{Arc, PoisonError, RwLock};

use super::stream::Stamps;

#[derive(Debug, Default)]
pub struct StampCache(RwLock<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stamps: Option<Arc<Stamps>>,
    /// How many commits have started.
    started: u64,
    /// How many of them have not ended. A count, not a flag: the connection is free again before `end_commit` runs, so
    /// the next commit may start in between.
    in_progress: u32,
}

/// A time in which no commit was in progress. It is over when the next commit starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(u64);

impl StampCache {
    /// Returns the stamps of all districts, if they are known. While a commit is in progress these are the stamps
    /// before it: its caller has no reply yet.
    pub fn get(&self) -> Option<Arc<Stamps>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).stamps.clone()
    }

    /// Returns the current epoch; `None` while a commit is in progress.
    pub fn quiet(&self) -> Option<Epoch> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        (inner.in_progress == 0).then_some(Epoch(inner.started))
    }

    /// Returns whether no commit has started since. If one has, what was read meanwhile may mix two states.
    pub fn is_current(&self, epoch: Epoch) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).started == epoch.0
    }

    /// Caches stamps that were read in an epoch, unless it is over.
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

    /// Must run after the commit and before its caller gets a reply. Forgets the stamps also after a failure: a commit that
    /// returned an error may still have been applied.
    pub fn end_commit(&self) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        inner.in_progress = inner.in_progress.saturating_sub(1);
        inner.stamps = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamps(at: i64) -> Arc<Stamps> {
        Arc::new(Stamps::new([::entity::stamp::Model {
            recorded_at: at,
            ..super::super::stream::unstamped("63.11.06")
        }]))
    }

    #[test]
    fn stamps_are_known_from_their_load_to_the_end_of_the_next_commit() {
        let cache = StampCache::default();
        assert_eq!(cache.get(), None);
        cache.put(cache.quiet().unwrap(), stamps(1));
        assert_eq!(cache.get(), Some(stamps(1)));
        cache.start_commit();
        assert_eq!(cache.get(), Some(stamps(1)), "nobody has heard of the commit yet");
        cache.end_commit();
        assert_eq!(cache.get(), None);
    }

    #[test]
    fn an_epoch_ends_when_a_commit_starts_and_the_next_begins_when_it_has_ended() {
        let cache = StampCache::default();
        let epoch = cache.quiet().unwrap();
        assert!(cache.is_current(epoch));
        cache.start_commit();
        assert!(!cache.is_current(epoch));
        assert_eq!(cache.quiet(), None);
        cache.end_commit();
        assert!(!cache.is_current(epoch));
        assert!(
            cache
                .quiet()
                .is_some_and(|next| next != epoch && cache.is_current(next))
        );
    }

    #[test]
    fn there_is_no_epoch_until_all_overlapping_commits_have_ended() {
        let cache = StampCache::default();
        cache.start_commit();
        cache.start_commit();
        cache.end_commit();
        assert_eq!(cache.quiet(), None);
        cache.end_commit();
        assert!(cache.quiet().is_some());
    }

    #[test]
    fn stamps_that_were_read_before_a_commit_are_not_kept_after_it() {
        let cache = StampCache::default();
        let epoch = cache.quiet().unwrap();
        cache.start_commit();
        cache.put(epoch, stamps(1));
        assert_eq!(cache.get(), None);
        cache.end_commit();
        cache.put(epoch, stamps(1));
        assert_eq!(cache.get(), None);
    }
}
