//! The classes of the survey index.

use iku::core::exact::Hundredths;
use iku::core::grade::*;

#[test]
fn grade_refuses_values_outside_the_scale() {
    for units in [i64::MIN, -1, 0, 2499, 10001, i64::MAX] {
        assert_eq!(Grade::of(Hundredths(units)), Err(OutsideScale(Hundredths(units))));
    }
    assert_eq!(Grade::of(Hundredths(7813)).map(Grade::label), Ok("Baik"));
}
