//! The sample that a population requires.

use iku::core::sample_size::*;

#[test]
fn sample_size_matches_the_printed_table() {
    for (population, sample) in [(100, 80), (500, 217), (1000, 278), (10_000, 370), (75_000, 382)] {
        assert_eq!(required(population), sample);
    }
}

#[test]
fn sample_size_handles_small_and_huge_populations() {
    assert!((0..10).all(|n| required(n) == n));
    assert_eq!(required(u64::MAX), 384);
    assert!(is_reached(100, 80) && !is_reached(100, 79) && is_reached(0, 0));
}
