//! Changes of structure: they take effect on a day, and values of periods that ended before that day stay (DOMAIN section 2).
//!
//! A structure is what facts are measured against: villages and their kinds, institutions and their villages, report kinds,
//! indicators and decrees.

use chrono::{Datelike, NaiveDate};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use ::entity::decree::{Column as D, Entity as Decrees};

use crate::core::civil::date_of;
use crate::core::period::{Period, YEARS};
use crate::platform::db::Stamp;
use crate::platform::db::versions::known_at;
use crate::platform::error::{Code, Error};
use crate::platform::http::Warning;

/// The days on which a change takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The first day; `None`: all days before `until`.
    pub from: Option<NaiveDate>,
    /// The first day that is as it was before the change; `None`: the change has no end.
    pub until: Option<NaiveDate>,
}

impl Effect {
    /// The change takes effect on a day and has no end.
    pub fn from_day(day: NaiveDate) -> Self {
        Self {
            from: Some(day),
            until: None,
        }
    }

    /// The change takes effect in the years `first..=last`; `None`: it has no end.
    pub fn in_years(first: i32, last: Option<i32>) -> Self {
        let first_day = |year| NaiveDate::from_ymd_opt(year, 1, 1);
        Self {
            from: first_day(first),
            until: last.and_then(|last| first_day(last + 1)),
        }
    }

    /// Returns the quarters and years that are over on a day and that have a day of the effect.
    fn ended_periods(self, years: std::ops::RangeInclusive<i32>, today: NaiveDate) -> Vec<Period> {
        let (first, last) = (years.start().max(YEARS.start()), years.end().min(YEARS.end()));
        (*first..=*last)
            .flat_map(Period::target_periods)
            .filter(|period| period.last_day() < today)
            .filter(|period| self.from.is_none_or(|from| from <= period.last_day()))
            // The value of a period is year to date.
            .filter(|period| self.until.is_none_or(|until| period.window().from < until))
            .collect()
    }
}

/// Checks a change of the structure of a district (`None`: of all). 422 if it moves values of a year that is over and gives no
/// reason. Returns a warning that names the periods it can move.
pub async fn check(
    conn: &impl ConnectionTrait,
    stamp: Stamp,
    district: Option<&str>,
    effect: Effect,
    reason: Option<&str>,
) -> Result<Option<Warning>, Error> {
    let today = date_of(stamp.at);
    let years: Vec<(i32, i32)> = Decrees::find()
        .select_only()
        .columns([D::FirstYear, D::LastYear])
        .distinct()
        .filter(known_at::<Decrees>(None))
        .apply_if(district, |q, v| q.filter(D::DistrictCode.eq(v)))
        .into_tuple()
        .all(conn)
        .await?;
    let first = years.iter().map(|(first, _)| *first).min();
    let last = years.iter().map(|(_, last)| *last).max();
    let Some((first, last)) = first.zip(last) else {
        return Ok(None);
    };
    let periods = effect.ended_periods(first..=last, today);
    if reason.is_none() && periods.iter().any(|period| period.year() < today.year()) {
        return Err(Error::new(Code::ReasonRequired).at("#/reason"));
    }
    Ok((!periods.is_empty()).then(|| Warning::periods_moved(periods)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn ended(effect: Effect, today: &str) -> Vec<String> {
        let periods = effect.ended_periods(2023..=2026, day(today));
        periods.into_iter().map(String::from).collect()
    }

    #[test]
    fn an_effect_moves_the_periods_that_end_on_its_first_day_or_later() {
        let effect = Effect::from_day(day("2025-09-30"));
        assert_eq!(ended(effect, "2026-07-01"), ["2025-Q3", "2025", "2026-Q1", "2026-S1"]);
        assert_eq!(ended(effect, "2025-09-30"), [""; 0]);
        assert_eq!(ended(Effect::from_day(day("2026-06-30")), "2026-06-30"), [""; 0]);
    }

    #[test]
    fn an_effect_with_an_end_moves_no_later_year() {
        let effect = Effect::in_years(2024, Some(2024));
        assert_eq!(ended(effect, "2026-07-01"), ["2024-Q1", "2024-S1", "2024-Q3", "2024"]);
        let ever = Effect {
            from: None,
            until: Some(day("2023-02-01")),
        };
        assert_eq!(ended(ever, "2026-07-01"), ["2023-Q1", "2023-S1", "2023-Q3", "2023"]);
    }
}
