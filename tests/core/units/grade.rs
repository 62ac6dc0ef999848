//! Single rules: the grade of a service quality index (Permen PANRB 14/2017, DOMAIN section 4).

use iku::core::exact::Hundredths;
use iku::core::grade::*;

#[test]
fn outside_the_scale_is_no_class() {
    for units in [i64::MIN, -1, 0, 2499, 10001, i64::MAX] {
        assert_eq!(Grade::of(Hundredths(units)), Err(OutsideScale(Hundredths(units))));
    }
    assert_eq!(Grade::of(Hundredths(7813)).map(Grade::label), Ok("Baik"));
}
