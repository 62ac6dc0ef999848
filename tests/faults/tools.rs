//! Chance that can be repeated, and waiting that cannot last for ever.

use std::time::{Duration, Instant};

/// How often to do what is done again and again: 3, or what `IKU_TEST_FAULT_ROUNDS` says.
pub fn rounds() -> usize {
    let given = std::env::var("IKU_TEST_FAULT_ROUNDS").ok();
    given.map_or(3, |text| text.parse().expect("IKU_TEST_FAULT_ROUNDS is a number"))
}

/// Is this the form that leaves nothing out?
pub fn is_long() -> bool {
    rounds() >= 30
}

/// Chance. A failing test shows its seed.
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(test: &str) -> Self {
        let given = std::env::var("IKU_TEST_SEED").ok();
        let seed = given.map_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0, |text| text.parse().unwrap());
        println!("{test}: IKU_TEST_SEED={seed}");
        Self(seed)
    }

    /// Another one that goes its own way, as predictably.
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

    /// From 0 to `n - 1`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for n in (1..items.len()).rev() {
            items.swap(n, self.below(n + 1));
        }
    }
}

/// Waits for a condition; says what it waited for when it does not come.
pub fn until(what: &str, seconds: u64, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while !is_so() {
        assert!(Instant::now() < deadline, "after {seconds} s still waiting for: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
