//! Guessing is slow: after ten failures in a minute, a user name is closed to the address that they came from, and the
//! enrolment codes are closed to it as well.
//!
//! Only failures count. The rate limiter cannot do this: it counts each attempt and cannot look without counting.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::platform::clock::Clock;
use crate::platform::error::{Code, Error};

const WINDOW: Duration = Duration::from_secs(60);
const ALLOWED: usize = 10;
const CAPACITY: usize = 10_000;

/// The user name and the address of an attempt.
pub type Key = (String, String);

/// The failures of the last minute. In memory: each instance counts for itself.
#[derive(Debug, Default)]
pub struct FailureLimiter {
    failures: Mutex<HashMap<Key, Vec<Instant>>>,
    clock: Clock,
}

impl FailureLimiter {
    pub fn new(clock: Clock) -> Self {
        let failures = Mutex::default();
        Self { failures, clock }
    }

    /// 429 while the key has ten failures or more behind it.
    pub fn check(&self, key: &Key) -> Result<(), Error> {
        let now = self.clock.instant();
        let failures = self.failures.lock();
        let recent = failures.get(key).map(|times| recent(times, now)).unwrap_or_default();
        verdict(&recent, ALLOWED, now)
    }

    /// Counts a failure. 429 when it is the eleventh: two attempts may be judged at a time.
    pub fn failed(&self, key: Key) -> Result<(), Error> {
        let now = self.clock.instant();
        let mut failures = self.failures.lock();
        if failures.len() >= CAPACITY {
            failures.retain(|_, times| !recent(times, now).is_empty());
        }
        if failures.len() >= CAPACITY {
            let oldest = failures.iter().min_by_key(|(_, times)| times.last().copied());
            let oldest = oldest.map(|(key, _)| key.clone());
            oldest.and_then(|key| failures.remove(&key));
        }
        let times = failures.entry(key).or_default();
        *times = recent(times, now);
        times.push(now);
        verdict(times, ALLOWED + 1, now)
    }
}

fn recent(times: &[Instant], now: Instant) -> Vec<Instant> {
    let is_recent = |time: &&Instant| now.duration_since(**time) < WINDOW;
    times.iter().filter(is_recent).copied().collect()
}

fn verdict(times: &[Instant], limit: usize, now: Instant) -> Result<(), Error> {
    if times.len() < limit {
        return Ok(());
    }
    // Open again when so many are forgotten that fewer than ten are left.
    let last_to_go = times.len().checked_sub(ALLOWED).and_then(|i| times.get(i));
    let wait = last_to_go.map_or(WINDOW, |t| WINDOW.saturating_sub(now.duration_since(*t)));
    Err(Error {
        retry_after: Some(wait.as_secs() + 1),
        ..Error::new(Code::TooManyRequests).detail(
            "Terlalu banyak percobaan yang gagal. Coba lagi sebentar lagi.",
            "Too many failed attempts. Try again in a moment.",
        )
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn key(name: &str) -> Key {
        (name.to_owned(), "127.0.0.1".to_owned())
    }

    #[test]
    fn ten_failures_close_it_for_the_rest_of_the_minute() {
        let clock = Clock::fixed(DateTime::UNIX_EPOCH);
        let limiter = FailureLimiter::new(clock.clone());
        for _ in 0..10 {
            limiter.check(&key("a")).unwrap();
            limiter.failed(key("a")).unwrap();
            clock.advance(Duration::from_secs(1));
        }
        clock.advance(Duration::from_secs(10));
        let closed = limiter.check(&key("a")).unwrap_err();
        assert_eq!((closed.code, closed.retry_after), (Code::TooManyRequests, Some(41)));
        limiter.check(&key("b")).unwrap();
        clock.advance(Duration::from_secs(40));
        limiter.check(&key("a")).unwrap();
        limiter.failed(key("a")).unwrap();
        limiter.check(&key("a")).unwrap_err();
    }

    #[test]
    fn its_memory_is_bounded() {
        let limiter = FailureLimiter::default();
        for i in 0..CAPACITY + 50 {
            limiter.failed(key(&i.to_string())).unwrap();
        }
        assert!(limiter.failures.lock().len() <= CAPACITY);
    }
}
