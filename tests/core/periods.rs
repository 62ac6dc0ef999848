//! Periods, civil days and terms against enumerated days.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use iku::core::civil;
use iku::core::institution::{self, InactiveReason, Term};
use iku::core::period::{Period, PeriodKind, SeriesError};
use proptest::prelude::*;

use crate::reference::{cases, days, last_of_month};

fn kind() -> impl Strategy<Value = (PeriodKind, u32)> {
    prop_oneof![
        Just((PeriodKind::Year, 1)),
        Just((PeriodKind::Semester, 2)),
        Just((PeriodKind::Quarter, 4)),
        Just((PeriodKind::Month, 12)),
    ]
}

/// Returns a period and the number of its last month.
fn period() -> impl Strategy<Value = (Period, u32)> {
    (2000..=2100, kind(), 0..12_u32).prop_map(|(year, (kind, count), n)| {
        let number = n % count + 1;
        (Period::new(year, kind, number).unwrap(), number * 12 / count)
    })
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (0..30_000_i64).prop_map(|n| civil::day(2000, 1, 1) + TimeDelta::days(n))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn window_is_the_year_to_date((period, last_month) in period()) {
        let window = period.window();
        prop_assert_eq!(window.to, last_of_month(period.year(), last_month));
        for day in days(period.year()) {
            prop_assert_eq!(window.contains(day), day.month() <= last_month);
        }
        prop_assert!(!window.contains(window.from.pred_opt().unwrap()) && !window.contains(window.to.succ_opt().unwrap()));
    }

    #[test]
    fn names_are_parsed_back((period, _) in period()) {
        prop_assert_eq!(period.to_string().parse::<Period>(), Ok(period));
        let json = serde_json::to_string(&period).unwrap();
        prop_assert_eq!(&json, &format!("\"{period}\""));
        prop_assert_eq!(serde_json::from_str::<Period>(&json).unwrap(), period);
    }

    #[test]
    fn only_valid_names_are_parsed(text in "(19|20|21)[0-9]{1,2}(-[SQsq+ ]?[0-9]{1,2})?") {
        if let Ok(period) = text.parse::<Period>() {
            prop_assert_eq!(period.to_string(), text);
        }
    }

    #[test]
    fn periods_with_one_last_day_have_one_target((a, month_a) in period(), (b, month_b) in period()) {
        prop_assert_eq!(a.target_period().is_some(), month_a % 3 == 0);
        if let (Some(target_a), Some(target_b)) = (a.target_period(), b.target_period()) {
            prop_assert_eq!(target_a == target_b, (a.year(), month_a) == (b.year(), month_b));
            prop_assert_eq!(target_a.last_day(), a.last_day());
            prop_assert_eq!(target_a.target_period(), Some(target_a));
        }
    }

    #[test]
    fn series_has_each_period_between_once((a, _) in period(), (b, _) in period()) {
        let series = Period::series(a, b);
        if a.kind() != b.kind() {
            prop_assert_eq!(series, Err(SeriesError::MixedKinds));
        } else if a.last_day() > b.last_day() {
            prop_assert_eq!(series, Err(SeriesError::Reversed));
        } else {
            let series = series.unwrap();
            prop_assert_eq!((series.first(), series.last()), (Some(&a), Some(&b)));
            // The last months of neighbouring periods differ by the length of a period.
            let months = |p: &Period| p.last_day().year() * 12 + p.last_day().month0() as i32;
            let step = match a.kind() { PeriodKind::Year => 12, PeriodKind::Semester => 6, PeriodKind::Quarter => 3, PeriodKind::Month => 1 };
            prop_assert!(series.windows(2).all(|pair| months(&pair[1]) - months(&pair[0]) == step));
        }
    }

    #[test]
    fn wita_day_is_eight_hours_ahead_of_utc(seconds in 946_684_800..4_133_980_800_i64, nanos in 0..1_000_000_000_u32) {
        let instant = DateTime::<Utc>::from_timestamp(seconds, nanos).unwrap();
        let date = civil::date_of(instant);
        let since_epoch = (seconds + 8 * 3600).div_euclid(86_400);
        prop_assert_eq!(date.signed_duration_since(NaiveDate::from_ymd_opt(1970, 1, 1).unwrap()).num_days(), since_epoch);
        prop_assert!(civil::start_of_day(date) <= instant && instant < civil::end_of_day(date));
    }

    #[test]
    fn decree_is_in_force_for_five_years(start in date()) {
        let term = Term { starts_on: start, ends_on: None, revoked_on: None };
        // Search day by day for the fifth anniversary, or the next day if the month does not have it.
        let mut day = start + TimeDelta::days(5 * 365 - 5);
        while (day.year(), day.month(), day.day()) < (start.year() + 5, start.month(), start.day()) {
            day = day.succ_opt().unwrap();
        }
        prop_assert_eq!(term.last_day(), day.pred_opt().unwrap());
        prop_assert!(term.is_in_force_on(start) && term.is_in_force_on(term.last_day()));
        prop_assert!(!term.is_in_force_on(start.pred_opt().unwrap()) && !term.is_in_force_on(day));
    }

    #[test]
    fn institution_is_active_while_any_decree_is_in_force(
        terms in prop::collection::vec((0..400_i64, 0..200_i64, prop::option::of(0..300_i64)), 0..4), n in 0..700_i64,
    ) {
        let at = |n| civil::day(2024, 1, 1) + TimeDelta::days(n);
        let made: Vec<Term> = terms.iter().map(|(start, length, revoked)| Term {
            starts_on: at(*start), ends_on: Some(at(start + length)), revoked_on: revoked.map(|r| at(start + r)),
        }).collect();
        // Mark each day on which a decree is in force.
        let mut ruler = vec![false; 2000];
        for (start, length, revoked) in &terms {
            for day in *start..=*start + *length {
                ruler[day as usize] |= revoked.is_none_or(|r| day < start + r);
            }
        }
        let active = ruler[n as usize];
        prop_assert_eq!(institution::is_active_on(at(n), &made), active);
        prop_assert_eq!(institution::check_active(at(n), &made).is_ok(), active);
        let until = (n..).take_while(|day| ruler[*day as usize]).last();
        prop_assert_eq!(institution::active_until(at(n), &made), until.map(at));
        prop_assert_eq!(institution::is_expiring(at(n), &made), until.is_some_and(|until| until <= n + 90));
        if institution::check_active(at(n), &made) == Err(InactiveReason::Lapsed) {
            prop_assert!(terms.iter().any(|(start, length, _)| start + length < n));
        }
    }
}
