//! Limits guessing. Only failures count, and no request is held open.
//!
//! - After ten failures in a minute, a network can no longer try this name.
//! - After thirty failures in a minute over all names, a network can try no password.
//! - From the hundredth failure of one account over all networks, the account can be tried again only after a pause: one
//!   second, and twice as long after each further failure, up to fifteen minutes.
//!
//! In a network from which the account signed in within thirty days, the last two rules do not hold, and ten failures leave
//! it one try in six seconds: strangers cannot lock out the account, also when they share its address. Client secrets and
//! enrolment codes cannot be guessed: only the first rule applies to them, and only to the same client or code.
//! The rate limiter cannot do this: it counts each attempt and cannot look without counting.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::platform::clock::Clock;
use crate::platform::error::{Code, Error};

const WINDOW: Duration = Duration::from_secs(60);
/// Failures of one name in one network that are allowed in the window.
const OF_NAME: usize = 10;
/// The pause after the last of ten failures where the account is known.
const TURN: Duration = Duration::from_secs(6);
/// Failed passwords of one network over all names that are allowed in the window.
const OF_NETWORK: usize = 30;
/// Failures of one account over all networks, after which it pauses.
const OF_ACCOUNT: u32 = 100;
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// How long an account's failures count after the last of them.
const ACCOUNT_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);
/// Entries of each kind in memory.
const CAPACITY: usize = 10_000;

/// The user name, client or code, and the network of an attempt.
pub type Key = (String, String);

/// Recent failures. In memory: each instance counts separately.
#[derive(Debug, Default)]
pub struct FailureLimiter {
    names: Mutex<HashMap<Key, Vec<Instant>>>,
    networks: Mutex<HashMap<String, Vec<Instant>>>,
    /// The number of failures of each account, and the last of them.
    accounts: Mutex<HashMap<String, (u32, Instant)>>,
    clock: Clock,
}

impl FailureLimiter {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            ..Self::default()
        }
    }

    /// 429 while the key has ten failures or more in the last minute.
    pub fn check(&self, key: &Key) -> Result<(), Error> {
        let now = self.clock.instant();
        verdict(&recent(self.names.lock().get(key), now), OF_NAME, OF_NAME, now)
    }

    /// Counts a failure. 429 when it is the eleventh: two attempts may be judged at a time.
    pub fn failed(&self, key: Key) -> Result<(), Error> {
        let now = self.clock.instant();
        let times = count(&mut self.names.lock(), key, now);
        verdict(&times, OF_NAME + 1, OF_NAME, now)
    }

    /// 429 while this password may not be tried. `is_known`: the account signed in from this network within
    /// thirty days.
    pub fn check_password(&self, key: &Key, is_known: bool) -> Result<(), Error> {
        let now = self.clock.instant();
        if is_known {
            let times = recent(self.names.lock().get(key), now);
            let last = times.last().filter(|_| times.len() >= OF_NAME);
            return after(last.map_or(Duration::ZERO, |last| TURN.saturating_sub(now.duration_since(*last))));
        }
        self.check(key)?;
        let (name, network) = key;
        verdict(
            &recent(self.networks.lock().get(network), now),
            OF_NETWORK,
            OF_NETWORK,
            now,
        )?;
        let account = self.accounts.lock().get(name).copied();
        after(account.map_or(Duration::ZERO, |(failures, last)| {
            pause_after(failures).saturating_sub(now.duration_since(last))
        }))
    }

    /// Counts a wrong password.
    pub fn password_failed(&self, key: Key, is_known: bool) -> Result<(), Error> {
        let now = self.clock.instant();
        if is_known {
            count(&mut self.names.lock(), key, now);
            return Ok(());
        }
        count(&mut self.networks.lock(), key.1.clone(), now);
        let mut accounts = self.accounts.lock();
        let counts = |last: Instant| now.duration_since(last) < ACCOUNT_WINDOW;
        make_room(&mut accounts, |(_, last)| counts(*last), |(_, last)| *last);
        let entry = accounts.entry(key.0.clone()).or_insert((0, now));
        let before = if counts(entry.1) { entry.0 } else { 0 };
        *entry = (before.saturating_add(1), now);
        drop(accounts);
        self.failed(key)
    }
}

/// The pause after so many failures of one account.
fn pause_after(failures: u32) -> Duration {
    match failures.checked_sub(OF_ACCOUNT) {
        None => Duration::ZERO,
        Some(more) => Duration::from_secs(1 << more.min(10)).min(LONGEST_PAUSE),
    }
}

/// Counts a failure; returns the failures of the last minute.
fn count<K: Hash + Eq + Clone>(failures: &mut HashMap<K, Vec<Instant>>, key: K, now: Instant) -> Vec<Instant> {
    let last = |times: &Vec<Instant>| times.last().copied().unwrap_or(now);
    make_room(failures, |times| !recent(Some(times), now).is_empty(), last);
    let times = failures.entry(key).or_default();
    *times = recent(Some(&*times), now);
    times.push(now);
    times.clone()
}

/// Drops what no longer counts when the memory is full, and then the entry that failed the longest time ago.
fn make_room<K: Hash + Eq + Clone, V>(
    entries: &mut HashMap<K, V>,
    counts: impl Fn(&V) -> bool,
    last: impl Fn(&V) -> Instant,
) {
    if entries.len() >= CAPACITY {
        entries.retain(|_, entry| counts(entry));
    }
    if entries.len() >= CAPACITY {
        let oldest = entries.iter().min_by_key(|(_, entry)| last(entry));
        let oldest = oldest.map(|(key, _)| key.clone());
        oldest.and_then(|key| entries.remove(&key));
    }
}

fn recent(times: Option<&Vec<Instant>>, now: Instant) -> Vec<Instant> {
    let is_recent = |time: &&Instant| now.duration_since(**time) < WINDOW;
    times.into_iter().flatten().filter(is_recent).copied().collect()
}

/// 429 when there are as many failures as `limit`, until fewer than `allowed` are left in the window.
fn verdict(times: &[Instant], limit: usize, allowed: usize, now: Instant) -> Result<(), Error> {
    if times.len() < limit {
        return Ok(());
    }
    let last_to_go = times.len().checked_sub(allowed).and_then(|i| times.get(i));
    let wait = last_to_go.map_or(WINDOW, |t| WINDOW.saturating_sub(now.duration_since(*t)));
    Err(too_many(wait))
}

/// 429 until the pause is over.
fn after(pause: Duration) -> Result<(), Error> {
    match pause.is_zero() {
        true => Ok(()),
        false => Err(too_many(pause)),
    }
}

fn too_many(wait: Duration) -> Error {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    Error {
        retry_after: Some(seconds.max(1)),
        ..Error::new(Code::TooManyRequests).detail(
            "Terlalu banyak percobaan yang gagal. Coba lagi sebentar lagi.",
            "Too many failed attempts. Try again in a moment.",
        )
    }
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
        assert_eq!((closed.code, closed.retry_after), (Code::TooManyRequests, Some(40)));
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
            let key = (i.to_string(), i.to_string());
            limiter.password_failed(key, false).unwrap();
        }
        assert!(limiter.names.lock().len() <= CAPACITY);
        assert!(limiter.networks.lock().len() <= CAPACITY);
        assert!(limiter.accounts.lock().len() <= CAPACITY);
    }

    #[test]
    fn an_account_pauses_twice_as_long_after_each_failure_but_not_where_it_is_known() {
        let clock = Clock::fixed(DateTime::UNIX_EPOCH);
        let limiter = FailureLimiter::new(clock.clone());
        let mut networks = (0..).map(|n| ("camat".to_owned(), format!("192.0.2.{n}")));
        for key in networks.by_ref().take(99) {
            limiter.check_password(&key, false).unwrap();
            limiter.password_failed(key, false).unwrap();
        }
        let mut pauses = Vec::new();
        for key in networks.by_ref().take(13) {
            limiter.check_password(&key, false).unwrap();
            limiter.password_failed(key.clone(), false).unwrap();
            let pause = limiter.check_password(&key, false).unwrap_err().retry_after.unwrap();
            pauses.push(pause);
            // A network from which the account signed in within thirty days has no pause.
            limiter.check_password(&key, true).unwrap();
            clock.advance(Duration::from_secs(pause));
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        limiter
            .check_password(&("sekcam".to_owned(), "192.0.2.1".to_owned()), false)
            .unwrap();
        // A day without a failure clears it.
        clock.advance(ACCOUNT_WINDOW);
        let key = networks.next().unwrap();
        limiter.password_failed(key.clone(), false).unwrap();
        limiter.check_password(&key, false).unwrap();
    }

    /// Somebody at the same address guesses all the time.
    #[test]
    fn ten_failures_leave_a_known_account_one_try_in_six_seconds() {
        let clock = Clock::fixed(DateTime::UNIX_EPOCH);
        let limiter = FailureLimiter::new(clock.clone());
        let key = key("camat");
        let (mut judged, mut longest) = (0, 0);
        for _ in 0..6000 {
            match limiter.check_password(&key, true) {
                Ok(()) => {
                    judged += 1;
                    limiter.password_failed(key.clone(), true).unwrap();
                }
                Err(closed) => longest = longest.max(closed.retry_after.unwrap()),
            }
            clock.advance(Duration::from_millis(100));
        }
        // In ten minutes: ten at once, and ten a minute.
        assert!((100..=115).contains(&judged), "{judged}");
        assert_eq!(longest, 6);
    }

    #[test]
    fn thirty_failures_of_a_network_close_it_for_names_that_are_not_known_there() {
        let limiter = FailureLimiter::new(Clock::fixed(DateTime::UNIX_EPOCH));
        for n in 0..30 {
            let key = key(&n.to_string());
            limiter.check_password(&key, false).unwrap();
            limiter.password_failed(key, false).unwrap();
        }
        limiter.check_password(&key("lain"), false).unwrap_err();
        limiter.check_password(&key("camat"), true).unwrap();
        // Client secrets and enrolment codes of the same network are not slowed.
        limiter.check(&key("ponsel")).unwrap();
        limiter
            .check_password(&("lain".to_owned(), "192.0.2.9".to_owned()), false)
            .unwrap();
    }
}
