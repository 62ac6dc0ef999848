//! Achievement (capaian): the realisation against its target (DOMAIN section 8).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::closed_list::closed_list;
use super::exact::{Exact, Hundredths};

/// The direction in which an indicator improves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    HigherIsBetter,
    LowerIsBetter,
}
closed_list!(Polarity { HigherIsBetter "higher_is_better", LowerIsBetter "lower_is_better" });

/// The reason why there is no achievement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AchievementReason {
    /// No target belongs to the period's last day.
    NoTarget,
    /// The target is 0, so the ratio is undefined.
    TargetZero,
    /// The realisation itself is not computable.
    NotComputable,
}

/// The scale of Permendagri 86/2017, read by its lower bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AchievementCategory)]
pub enum Category {
    SangatRendah,
    Rendah,
    Sedang,
    Tinggi,
    SangatTinggi,
}

impl Category {
    /// Returns the class of an achievement in percent, rounded to 2 decimals.
    pub fn of(achievement: Hundredths) -> Self {
        match achievement.0 {
            9100.. => Self::SangatTinggi,
            7600.. => Self::Tinggi,
            6600.. => Self::Sedang,
            5100.. => Self::Rendah,
            _ => Self::SangatRendah,
        }
    }
}

/// Returns the achievement in percent, rounded half up to 2 decimals, not capped, from the **unrounded** realisation: R
/// / T x 100, or (2T - R) / T x 100 where lower is better (which may fall below 0).
///
/// Returns the first reason that applies, in the order no target, target 0 (or less), realisation not computable.
pub fn achievement(
    realisation: Option<&Exact>,
    target: Option<Hundredths>,
    polarity: Polarity,
) -> Result<Hundredths, AchievementReason> {
    let target = target.ok_or(AchievementReason::NoTarget)?;
    if target.0 <= 0 {
        return Err(AchievementReason::TargetZero);
    }
    let realisation = realisation.ok_or(AchievementReason::NotComputable)?;
    let target = Exact::from(target);
    let reached = match polarity {
        Polarity::HigherIsBetter => realisation.clone(),
        Polarity::LowerIsBetter => target.times(2).minus(realisation),
    };
    let share = reached.divided_by(&target).ok_or(AchievementReason::TargetZero)?;
    Ok(share.times(100).to_hundredths())
}

/// Returns the achievement of an objective: the plain mean of its indicators' rounded achievements, half up to 2
/// decimals. Indicators without an achievement are left out (missing is not zero). Returns `None` when no indicator has
/// an achievement.
pub fn objective(achievements: impl IntoIterator<Item = Option<Hundredths>>) -> Option<Hundredths> {
    Exact::mean(achievements.into_iter().flatten().map(Exact::from)).map(|mean| mean.to_hundredths())
}
