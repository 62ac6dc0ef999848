//! The size of a batch and the length of a wait. This file has rules only, no clock and no network.

use std::time::Duration;

/// The service accepts at most this number of answers in a batch.
pub const MOST_ITEMS: usize = 500;

/// The size of the next batch. It is small at first, doubles after every success, and halves after every failure.
///
/// A small batch can pass over a bad signal and costs little if it fails; a large batch saves requests.
#[derive(Clone, Copy, Debug)]
pub struct Size(usize);

impl Default for Size {
    fn default() -> Self {
        Self(8)
    }
}

impl Size {
    pub fn items(self) -> usize {
        self.0
    }

    pub fn grow(&mut self) {
        self.0 = (self.0 * 2).min(MOST_ITEMS);
    }

    /// Halves the number of answers that were sent, which can be less than the size allowed.
    pub fn shrink(&mut self, sent: usize) {
        self.0 = (sent / 2).max(1);
    }
}

/// The wait after a failure. It doubles each time and has jitter, so that a hundred phones do not all send at the moment
/// when the signal comes back.
#[derive(Clone, Debug)]
pub struct BackOff {
    first: Duration,
    longest: Duration,
    failures: u32,
    random: Random,
}

impl BackOff {
    pub fn new(first: Duration, longest: Duration, seed: u64) -> Self {
        Self {
            first,
            longest,
            failures: 0,
            random: Random(seed | 1),
        }
    }

    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Returns the number of failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Notes a failure and returns the wait: 1, 2, 4, .. times the first wait, shortened by up to half at random. It is
    /// never less than `Retry-After`.
    pub fn failed(&mut self, retry_after: Option<Duration>) -> Duration {
        let doubled = self
            .first
            .saturating_mul(1u32.checked_shl(self.failures).unwrap_or(u32::MAX));
        self.failures = self.failures.saturating_add(1);
        let whole = doubled.min(self.longest);
        let jitter = whole.mul_f64(0.5 * self.random.fraction());
        match retry_after {
            // Add the jitter, because other phones got the same number.
            Some(asked) => asked + jitter,
            None => whole - jitter,
        }
    }
}

/// Marsaglia's xorshift: random enough to spread phones over time, and predictable for a given seed.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    /// Returns a number from 0 to 1.
    fn fraction(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_grow_to_the_limit_and_shrink_to_one() {
        let mut size = Size::default();
        for _ in 0..20 {
            size.grow();
        }
        assert_eq!(size.items(), 500);
        size.shrink(3);
        assert_eq!(size.items(), 1);
        size.shrink(1);
        assert_eq!(size.items(), 1);
    }

    #[test]
    fn waits_double_up_to_the_longest_and_start_again() {
        let second = Duration::from_secs(1);
        let mut back_off = BackOff::new(second, 60 * second, 42);
        for n in 0..100u32 {
            let whole = (second * 2u32.saturating_pow(n.min(20))).min(60 * second);
            let wait = back_off.failed(None);
            assert!(wait <= whole && wait >= whole / 2, "{n}: {wait:?}");
        }
        back_off.succeeded();
        assert!(back_off.failed(None) <= second);
        assert!(back_off.failed(Some(7 * second)) >= 7 * second);
    }
}
