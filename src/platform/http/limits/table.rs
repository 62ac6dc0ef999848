//! Who has used how much, by the generic cell rate algorithm: a single instant for each caller says it all.
//!
//! The instant is when everything will be left again. A request moves it by the share of one request; a request that
//! would move it further than one window from now is too many. What has passed can be forgotten, so the memory holds
//! those who asked within the last window, and it is bounded besides.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Class, Quota, Standing};

/// Callers seldom wait for each other.
const PARTS: usize = 32;
/// Callers that one part remembers.
const REMEMBERED: usize = 1024;

/// The time that limits go by: never set back.
#[derive(Clone, Debug)]
pub enum Ticks {
    /// Since this instant.
    Machine(Instant),
    /// Stands where it is put; in nanoseconds.
    Fixed(Arc<AtomicU64>),
}

impl Default for Ticks {
    fn default() -> Self {
        Self::Machine(Instant::now())
    }
}

impl Ticks {
    /// Time that stands still until it is moved with [`Ticks::pass`].
    pub fn fixed() -> Self {
        Self::Fixed(Arc::default())
    }

    /// Moves a fixed time; the machine's cannot be moved.
    pub fn pass(&self, time: Duration) {
        if let Self::Fixed(now) = self {
            now.fetch_add(nanos(time), Ordering::SeqCst);
        }
    }

    /// Nanoseconds at an instant.
    pub fn at(&self, instant: Instant) -> u64 {
        match self {
            Self::Machine(start) => nanos(instant.duration_since(*start)),
            Self::Fixed(now) => now.load(Ordering::SeqCst),
        }
    }
}

/// 64 bits hold 584 years of them.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The callers of one class.
#[derive(Debug)]
pub struct Table {
    requests: u64,
    /// The share of one request in the window.
    share: u64,
    parts: Vec<Mutex<HashMap<u128, u64>>>,
}

impl Table {
    pub fn new(quota: Quota) -> Self {
        let requests = u64::from(quota.requests).max(1);
        Self {
            requests,
            share: (nanos(quota.window) / requests).max(1),
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Counts a request of a caller, unless it is one too many.
    pub fn take(&self, class: Class, key: u128, now: u64) -> Standing {
        let mut part = self.part(key).lock().unwrap_or_else(PoisonError::into_inner);
        let before = part.get(&key).copied().unwrap_or(now).max(now);
        let after = before + self.share;
        // As long as the window; `requests` shares may be a little less than what the quota says.
        let longest = now + self.requests * self.share;
        let full = if after <= longest {
            make_room(&mut part, key, now);
            part.insert(key, after);
            after
        } else {
            before
        };
        drop(part);
        Standing {
            class,
            // A request that began earlier may be counted later, when others have used more than was left at its time.
            left: longest.saturating_sub(full) / self.share,
            full_in: Duration::from_nanos(full.min(longest) - now),
            wait: after.checked_sub(longest).filter(|w| *w > 0).map(Duration::from_nanos),
        }
    }

    /// Spreads the keys over the parts (by Fibonacci hashing).
    fn part(&self, key: u128) -> &Mutex<HashMap<u128, u64>> {
        let bytes = key.to_le_bytes();
        let word = |half: &[u8]| half.iter().rev().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
        let (low, high) = bytes.split_at(8);
        let mixed = (word(low) ^ word(high)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 59;
        &self.parts[usize::try_from(mixed).unwrap_or_default() % PARTS]
    }
}

/// Forgets those who have everything left; if nobody has, the one who has most: it gains least.
fn make_room(part: &mut HashMap<u128, u64>, key: u128, now: u64) {
    if part.len() < REMEMBERED || part.contains_key(&key) {
        return;
    }
    part.retain(|_, full| *full > now);
    if part.len() >= REMEMBERED
        && let Some(key) = part.iter().min_by_key(|(_, full)| **full).map(|(key, _)| *key)
    {
        part.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn table(requests: u32, seconds: u64) -> Table {
        Table::new(Quota {
            requests,
            window: Duration::from_secs(seconds),
        })
    }

    #[test]
    fn all_at_once_and_then_one_by_one() {
        let table = table(3, 30);
        for left in [2, 1, 0] {
            let standing = table.take(Class::Reads, 1, 0);
            assert_eq!((standing.left, standing.wait), (left, None));
        }
        let refused = table.take(Class::Reads, 1, 4 * SECOND);
        assert_eq!((refused.left, refused.wait), (0, Some(Duration::from_secs(6))));
        assert_eq!(refused.full_in, Duration::from_secs(26));
        assert_eq!(table.take(Class::Reads, 2, 4 * SECOND).wait, None, "somebody else");
        // What was refused was not counted.
        assert_eq!(table.take(Class::Reads, 1, 10 * SECOND).wait, None);
        assert!(table.take(Class::Reads, 1, 10 * SECOND).wait.is_some());
        assert_eq!(table.take(Class::Reads, 1, 100 * SECOND).left, 2);
    }

    #[test]
    fn an_earlier_request_may_be_counted_after_later_ones() {
        let table = table(3, 30);
        for _ in 0..3 {
            table.take(Class::Reads, 1, SECOND / 200);
        }
        let earlier = table.take(Class::Reads, 1, 0);
        assert_eq!((earlier.left, earlier.full_in), (0, Duration::from_secs(30)));
        assert!(earlier.wait.is_some());
    }

    #[test]
    fn quotas_that_do_not_divide_lose_nothing() {
        for (requests, seconds) in [(7, 1), (999_983, 1), (1, 3600), (300, 15)] {
            let table = table(requests, seconds);
            let taken = (0..=requests).filter(|_| table.take(Class::Reads, 9, 0).wait.is_none());
            assert_eq!(taken.count(), requests as usize);
        }
    }

    #[test]
    fn the_memory_is_bounded() {
        let table = table(2, 1);
        for key in 0..100_000u128 {
            table.take(Class::Reads, key, 0);
        }
        let sizes: Vec<usize> = table.parts.iter().map(|p| p.lock().unwrap().len()).collect();
        assert!(sizes.iter().all(|n| (1..=REMEMBERED).contains(n)), "{sizes:?}");
        // Later on, those of before are forgotten.
        for key in 0..100_000u128 {
            table.take(Class::Reads, key << 64, SECOND + u64::try_from(key).unwrap() * SECOND);
        }
        assert!(table.parts.iter().all(|p| p.lock().unwrap().len() <= REMEMBERED));
    }
}
