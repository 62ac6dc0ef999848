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

/// Figures that offices published, or that their software got wrong.
#[test]
fn figures_from_the_field_are_reached() {
    use Polarity::{HigherIsBetter, LowerIsBetter};
    for (realisation, target, polarity, percent) in [
        // Kediri 2019: 66 of 32 is published as 206.25, which no cap cuts.
        (6600, 3200, HigherIsBetter, 20625),
        (6600, 6000, LowerIsBetter, 9000),
        (6600, 6600, LowerIsBetter, 10000),
        (6600, 3300, LowerIsBetter, 0),
        (6600, 2000, LowerIsBetter, -13000),
        (6600, 10000, LowerIsBetter, 13400),
        // Polda NTB 2016 published T / R = 46.50 for this; the formula is (2T - R) / T.
        (12903, 6000, LowerIsBetter, -1505),
        // Demak 2020.
        (10000, 10000, HigherIsBetter, 10000),
        (10000, 7046, HigherIsBetter, 14192),
    ] {
        let reached = achievement(
            Some(&Exact::from(Hundredths(realisation))),
            Some(Hundredths(target)),
            polarity,
        );
        assert_eq!(reached, Ok(Hundredths(percent)), "{realisation} of {target}");
    }
    assert_eq!(Category::of(Hundredths(20625)), Category::SangatTinggi);
    assert_eq!(Category::of(Hundredths(-1505)), Category::SangatRendah);
    // The mean is of rounded achievements.
    let both = objective([Some(Hundredths(10000)), Some(Hundredths(14192))]);
    assert_eq!(both, Some(Hundredths(12096)));
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
