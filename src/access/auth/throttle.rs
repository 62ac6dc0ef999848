//! Guessing is slow: after ten failures in a minute, a user name is closed to the address they came from; and so are the
//! enrolment codes, all of them together.
//!
//! Only failures count. A wrong password costs its sender a hash and wrong codes have one entry for each address, so the
//! memory cannot be filled within the minute after which a failure is forgotten; the bound is there all the same.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::platform::error::{Code, Error};

const WINDOW: Duration = Duration::from_secs(60);
const ALLOWED: usize = 10;
const REMEMBERED: usize = 10_000;

/// Who tries, and from where.
pub type Key = (String, String);

/// The failures of the last minute. In memory: each instance counts for itself.
#[derive(Debug, Default)]
pub struct FailureLimiter(Mutex<HashMap<Key, Vec<Instant>>>);

impl FailureLimiter {
    /// 429 while the key has ten failures or more behind it.
    pub fn check(&self, key: &Key, now: Instant) -> Result<(), Error> {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(times) = failures.get_mut(key) else {
            return Ok(());
        };
        times.retain(|t| now.duration_since(*t) < WINDOW);
        verdict(times, ALLOWED, now)
    }

    /// Counts a failure; 429 when it is the eleventh, which can happen as two are judged at a time.
    pub fn failed(&self, key: Key, now: Instant) -> Result<(), Error> {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED {
            failures.retain(|_, times| times.last().is_some_and(|t| now.duration_since(*t) < WINDOW));
            let stalest = failures.iter().min_by_key(|(_, times)| times.last().copied());
            if let Some(key) = stalest
                .map(|(key, _)| key.clone())
                .filter(|_| failures.len() >= REMEMBERED)
            {
                failures.remove(&key);
            }
        }
        let times = failures.entry(key).or_default();
        times.retain(|t| now.duration_since(*t) < WINDOW);
        times.push(now);
        verdict(times, ALLOWED + 1, now)
    }
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
    use super::*;

    fn key(name: &str) -> Key {
        (name.to_owned(), "127.0.0.1".to_owned())
    }

    #[test]
    fn ten_failures_close_it_for_the_rest_of_the_minute() {
        let throttle = FailureLimiter::default();
        let start = Instant::now();
        let at = |s: u64| start + Duration::from_secs(s);
        for i in 0..10 {
            throttle.check(&key("a"), at(i)).unwrap();
            throttle.failed(key("a"), at(i)).unwrap();
        }
        let closed = throttle.check(&key("a"), at(20)).unwrap_err();
        assert_eq!((closed.code, closed.retry_after), (Code::TooManyRequests, Some(41)));
        throttle.check(&key("b"), at(20)).unwrap();
        throttle.check(&key("a"), at(60)).unwrap();
        throttle.failed(key("a"), at(60)).unwrap();
        throttle.check(&key("a"), at(60)).unwrap_err();
    }

    #[test]
    fn its_memory_is_bounded() {
        let throttle = FailureLimiter::default();
        let now = Instant::now();
        for i in 0..REMEMBERED + 50 {
            throttle.failed(key(&i.to_string()), now).unwrap();
        }
        assert!(throttle.0.lock().unwrap().len() <= REMEMBERED);
    }
}
