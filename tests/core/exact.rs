//! Exact fractions and their rounding.

use iku::core::exact::*;

#[test]
fn rounding_moves_a_tie_up_for_either_sign() {
    let eighth = Exact::ratio(1, 8).unwrap();
    assert_eq!(eighth.to_hundredths(), Hundredths(13));
    assert_eq!(Exact::integer(0).minus(&eighth).to_hundredths(), Hundredths(-12));
    assert_eq!(Exact::integer(u64::MAX).to_hundredths(), Hundredths(i64::MAX));
    assert_eq!(
        Exact::integer(0).minus(&Exact::integer(u64::MAX)).to_hundredths(),
        Hundredths(i64::MIN)
    );
}

#[test]
fn fractions_are_reduced_when_written() {
    assert_eq!(Exact::ratio(22, 28).unwrap().to_string(), "11/14");
    assert_eq!(Exact::ratio(96, 1).unwrap().to_string(), "96/1");
    assert_eq!(Exact::ratio(0, 28).unwrap().to_string(), "0/1");
    assert_eq!(Exact::ratio(1, 2), Exact::ratio(2, 4));
    assert!(Exact::ratio(1, 0).is_none());
}

#[test]
fn division_keeps_the_denominator_positive() {
    let minus_half = Exact::ratio(1, 2).unwrap().minus(&Exact::integer(1));
    let quotient = Exact::integer(1).divided_by(&minus_half).unwrap();
    assert_eq!(quotient.to_string(), "-2/1");
    assert!(quotient < Exact::integer(0));
    assert!(Exact::integer(1).divided_by(&Exact::integer(0)).is_none());
}
