//! The last event of each district's chain, in memory. On SQLite only, where one process writes them, and one transaction at a
//! time.

use std::collections::HashMap;

use parking_lot::Mutex;

/// The last event of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    pub hash: Vec<u8>,
}

#[derive(Debug, Default)]
pub struct Heads(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    known: HashMap<String, Head>,
    /// The number of commits that have started.
    started: u64,
}

impl Heads {
    /// Takes the head of a chain out: a transaction that does not commit leaves it unknown.
    pub fn take(&self, chain: &str) -> Option<Head> {
        self.0.lock().known.remove(chain)
    }

    /// Must run before a commit, with the heads that it will have written. Returns its number.
    pub fn start_commit(&self, new: &HashMap<String, Head>) -> u64 {
        let mut inner = self.0.lock();
        inner.known.retain(|chain, _| !new.contains_key(chain));
        inner.started += 1;
        inner.started
    }

    /// Must run after a commit that was applied. The connection is free before, so a later commit may have started: its own heads
    /// may follow these.
    pub fn end_commit(&self, number: u64, new: HashMap<String, Head>) {
        let mut inner = self.0.lock();
        if inner.started == number {
            inner.known.extend(new);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(seq: i64) -> HashMap<String, Head> {
        let hash = Vec::new();
        HashMap::from([("63.11.06".to_owned(), Head { seq, hash })])
    }

    fn take(memory: &Heads) -> Option<i64> {
        memory.take("63.11.06").map(|head| head.seq)
    }

    #[test]
    fn the_head_of_the_last_commit_is_known_once() {
        let memory = Heads::default();
        assert_eq!(take(&memory), None);
        let number = memory.start_commit(&heads(1));
        assert_eq!(take(&memory), None, "the commit has not ended");
        memory.end_commit(number, heads(1));
        assert_eq!(take(&memory), Some(1));
        assert_eq!(take(&memory), None, "a transaction that did not commit took it");
    }

    #[test]
    fn a_late_end_of_a_commit_hides_no_later_event() {
        let memory = Heads::default();
        let first = memory.start_commit(&heads(1));
        let second = memory.start_commit(&heads(2));
        memory.end_commit(second, heads(2));
        memory.end_commit(first, heads(1));
        assert_eq!(take(&memory), Some(2));

        // The later commit failed, and may have been applied.
        let first = memory.start_commit(&heads(3));
        memory.end_commit(first, heads(3));
        memory.start_commit(&heads(4));
        assert_eq!(take(&memory), None);
    }
}
