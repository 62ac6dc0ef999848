//! How many answers at once, and how long to wait. No clock and no network here: rules only.

use std::time::Duration;

/// The service takes at most so many in one batch.
pub const MOST_ITEMS: usize = 500;

/// The size of the next batch: small at first, doubled by every success, halved by every failure.
///
/// A small batch gets through a bad signal and costs little when it does not; a large one saves requests.
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

    /// Halves what was really sent, which may be less than what might have been.
    pub fn shrink(&mut self, sent: usize) {
        self.0 = (sent / 2).max(1);
    }
}

/// How long to wait after a failure: twice as long each time, with jitter, so that a hundred phones whose signal
/// comes back at the same moment do not all call at the same moment.
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

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The wait after one more failure: from a half to the whole of 1, 2, 4 .. times the first wait, and never less
    /// than the service asked for with `Retry-After`.
    pub fn failed(&mut self, retry_after: Option<Duration>) -> Duration {
        let doubled = self
            .first
            .saturating_mul(1u32.checked_shl(self.failures).unwrap_or(u32::MAX));
        self.failures = self.failures.saturating_add(1);
        let whole = doubled.min(self.longest);
        let jitter = whole.mul_f64(0.5 * self.random.fraction());
        match retry_after {
            // On top of it: all the others were told the same number.
            Some(asked) => asked + jitter,
            None => whole - jitter,
        }
    }
}

/// Marsaglia's xorshift: good enough to spread phones over time, and the same for the same seed.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    /// From 0 to 1.
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
