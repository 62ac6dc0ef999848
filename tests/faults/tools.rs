//! Random numbers that can be repeated, and waiting with a limit.

use std::time::{Duration, Instant};

/// The number of rounds: 3, or `IKU_TEST_FAULT_ROUNDS`.
pub fn rounds() -> usize {
    let given = std::env::var("IKU_TEST_FAULT_ROUNDS").ok();
    given.map_or(3, |text| text.parse().expect("IKU_TEST_FAULT_ROUNDS is a number"))
}

/// Returns whether the tests run in the long form.
pub fn is_long() -> bool {
    rounds() >= 30
}

/// Random numbers. A failing test shows the seed.
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(test: &str) -> Self {
        let given = std::env::var("IKU_TEST_SEED").ok();
        let seed = given.map_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0, |text| text.parse().unwrap());
        println!("{test}: IKU_TEST_SEED={seed}");
        Self(seed)
    }

    /// Returns another generator, whose numbers also follow from the seed.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number from 0 to `n - 1`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for n in (1..items.len()).rev() {
            items.swap(n, self.below(n + 1));
        }
    }
}

/// Waits for a condition, and panics with its name when the time is over.
pub fn until(what: &str, seconds: u64, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while !is_so() {
        assert!(Instant::now() < deadline, "after {seconds} s still waiting for: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
