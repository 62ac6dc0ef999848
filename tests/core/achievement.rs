//! Achievement of a target, its category and the mean of an objective.

use iku::core::achievement::*;
use iku::core::exact::{Exact, Hundredths};

#[test]
fn achievement_gives_the_first_reason_in_order() {
    let (high, some) = (Polarity::HigherIsBetter, Exact::integer(5));
    assert_eq!(achievement(None, None, high), Err(AchievementReason::NoTarget));
    assert_eq!(
        achievement(None, Some(Hundredths(0)), high),
        Err(AchievementReason::TargetZero)
    );
    assert_eq!(
        achievement(None, Some(Hundredths(1)), high),
        Err(AchievementReason::NotComputable)
    );
    assert_eq!(
        achievement(Some(&some), Some(Hundredths(1)), high),
        Ok(Hundredths(5000000))
    );
}

#[test]
fn lower_is_better_mirrors_and_may_fall_below_zero() {
    let low = |r, t| achievement(Some(&Exact::integer(r)), Some(Hundredths(t)), Polarity::LowerIsBetter);
    assert_eq!(low(8, 1000), Ok(Hundredths(12000)));
    assert_eq!(low(12, 1000), Ok(Hundredths(8000)));
    assert_eq!(low(30, 1000), Ok(Hundredths(-10000)));
    assert_eq!(Category::of(Hundredths(-10000)), Category::SangatRendah);
}

#[test]
fn objective_is_the_mean_of_the_present_values() {
    assert_eq!(
        objective([Some(Hundredths(9789)), None, Some(Hundredths(10000))]),
        Some(Hundredths(9895))
    );
    assert_eq!(objective([None, None]), None);
    assert_eq!(objective([]), None);
}
