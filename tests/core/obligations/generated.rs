//! IKU 4 and 5 of generated facts, against a reference that goes through every village, kind and report.

use chrono::{Datelike, NaiveDate, TimeDelta};
use iku::core::civil;
use iku::core::formula::report_delivery::{self, Deliveries, ReportFact};
use iku::core::formula::{
    Breakdown, Candidate, Exclusion, Figure, Information, InformationCode, Reason, Status, Verdict,
};
use iku::core::obligation::{Punctuality, RecordedYears, ReportKind, ReportStatus};
use iku::core::period::{Period, PeriodKind};
use iku::core::place::{Village, VillageKind};
use proptest::prelude::*;
use uuid::Uuid;

use super::{facts, frame, kind, report};
use crate::reference::{self, cases, long_division};

fn near(year: i32) -> impl Strategy<Value = NaiveDate> {
    (-200..600_i64).prop_map(move |n| civil::day(year, 1, 1) + TimeDelta::days(n))
}

fn villages() -> impl Strategy<Value = Vec<Village>> {
    let village = (
        any::<bool>(),
        prop::option::weighted(0.2, near(2024)),
        prop::option::weighted(0.2, near(2024)),
    );
    prop::collection::vec(village, 0..4).prop_map(|villages| {
        let village = |(n, (desa, valid_from, valid_to))| Village {
            code: format!("v{n}"),
            kind: if desa {
                VillageKind::Desa
            } else {
                VillageKind::Kelurahan
            },
            valid_from,
            valid_to,
        };
        (0..).zip(villages).map(village).collect()
    })
}

fn kinds() -> impl Strategy<Value = Vec<ReportKind>> {
    let year = || prop::option::weighted(0.3, 2022..2027_i32);
    let one = (-1..=0_i32, 1..=12_u32, 1..=31_u32, year(), year(), any::<bool>());
    prop::collection::vec(one, 0..4).prop_map(|kinds| {
        let kind = |(n, (offset, month, day, valid_from_year, valid_to_year, confirmed))| ReportKind {
            valid_from_year,
            valid_to_year,
            confirmed,
            ..kind(&format!("k{n}"), offset, month, day)
        };
        (0..).zip(kinds).map(kind).collect()
    })
}

fn reports() -> impl Strategy<Value = Vec<ReportFact>> {
    let status = prop_oneof![
        4 => Just(ReportStatus::Received),
        1 => Just(ReportStatus::Returned),
        1 => Just(ReportStatus::Accepted),
    ];
    let one = (
        0..4_u32,
        0..4_u32,
        2022..2026_i32,
        near(2024),
        status,
        prop::bool::weighted(0.1),
        any::<u128>(),
    );
    let one = one.prop_map(
        |(village, kind, fiscal_year, delivered_on, status, deleted, id)| ReportFact {
            id: Uuid::from_u128(id),
            status,
            deleted,
            ..report(&format!("v{village}"), &format!("k{kind}"), fiscal_year, delivered_on)
        },
    );
    prop::collection::vec(one, 0..16)
}

fn recorded() -> impl Strategy<Value = RecordedYears> {
    let year = || prop::option::weighted(0.4, 2022..2027_i32);
    (year(), year()).prop_map(|(from, first)| RecordedYears { from, first })
}

fn period() -> impl Strategy<Value = Period> {
    let quarter = |year, n| Period::new(year, PeriodKind::Quarter, n).unwrap();
    (2024..=2025, 1..=4_u32).prop_map(move |(year, n)| quarter(year, n))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn delivery_agrees_with_a_walk_through_all_facts(
        villages in villages(), kinds in kinds(), reports in reports(), period in period(), as_of in near(2024),
        recorded in recorded(), per_village in prop::option::of(1..=7_u32),
    ) {
        let frame = frame(&period.to_string(), as_of);
        let facts = Deliveries { recorded, per_village, ..facts(&villages, &kinds, &reports) };
        let measured = report_delivery::measure(&frame, &facts);
        let (window, year) = (period.window(), period.year());
        let date = if as_of < window.to { as_of } else { window.to };

        let is_listed = |kind: &ReportKind| {
            kind.valid_from_year.is_none_or(|from| year >= from) && kind.valid_to_year.is_none_or(|to| year <= to)
        };
        let (mut owed, mut delivered, mut complete, mut owing, mut on_time, mut not_due) = (0_u64, 0_u64, 0, 0_u64, 0, 0);
        for village in &villages {
            let begun = village.valid_from.is_none_or(|from| date >= from);
            let ended = village.valid_to.is_some_and(|to| date > to);
            if village.kind == VillageKind::Kelurahan || !begun || ended {
                continue;
            }
            let before = (owed - delivered, owed);
            for kind in &kinds {
                if !is_listed(kind) {
                    continue;
                }
                // Compare month and day as numbers: the due day 31 is the last day of every month.
                let last = reference::last_of_month(year, kind.due_month).day();
                let due = (year, kind.due_month, kind.due_day.min(last));
                if village.valid_from.is_some_and(|from| (from.year(), from.month(), from.day()) > due) {
                    not_due += 1;
                    continue;
                }
                owed += 1;
                let days = reports.iter().filter(|report| {
                    report.village_code == village.code && report.kind == kind.code
                        && report.fiscal_year - kind.fiscal_year_offset == year
                        && !report.deleted && report.status != ReportStatus::Returned && report.delivered_on <= date
                }).map(|report| report.delivered_on);
                if let Some(first) = days.min() {
                    delivered += 1;
                    on_time += u64::from((first.year(), first.month(), first.day()) <= (year, kind.due_month, kind.due_day));
                }
            }
            owing += u64::from(owed > before.1);
            complete += u64::from(owed - delivered == before.0 && owed > before.1);
        }

        // The candidates contain each obligation once.
        prop_assert_eq!(measured.candidates.len() as u64, owed);
        prop_assert_eq!(measured.contributing().count() + measured.excluded().count(), measured.candidates.len());
        let Breakdown::Obligations(counted) = &measured.breakdown else { panic!() };
        let obligations = &counted.owed;
        let listed = kinds.iter().filter(|kind| is_listed(kind)).count() as u64;
        prop_assert_eq!(counted.not_due, not_due);
        prop_assert_eq!(counted.list.listed * counted.villages - counted.not_due, owed);
        let has_record = reports.iter().any(|report| !report.deleted && kinds.iter().any(|kind| {
            is_listed(kind) && kind.code == report.kind && report.fiscal_year - kind.fiscal_year_offset == year
        }));
        let says_so = recorded.from.is_some_and(|from| year >= from);
        let goes_on = as_of.year() == year && recorded.first.is_some_and(|first| first < year);
        prop_assert_eq!(obligations.len(), measured.candidates.len());
        let mut keys: Vec<_> = obligations.iter().map(|i| (&i.village_code, &i.kind)).collect();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(keys.len() as u64, owed);
        for (input, candidate) in obligations.iter().zip(&measured.candidates) {
            prop_assert_eq!(input.report, candidate.record);
            if as_of < window.from {
                continue;
            }
            // An obligation without a delivered report has the reason of its best report.
            let all: Vec<_> = reports.iter().filter(|report| {
                (&report.village_code, &report.kind, report.fiscal_year)
                    == (&input.village_code, &input.kind, input.fiscal_year)
            }).collect();
            let wanted = if all.is_empty() {
                Some(Exclusion::Missing)
            } else if all.iter().all(|report| report.deleted) {
                Some(Exclusion::Deleted)
            } else if all.iter().all(|report| report.deleted || report.status == ReportStatus::Returned) {
                Some(Exclusion::Returned)
            } else if all.iter().all(|report| {
                report.deleted || report.status == ReportStatus::Returned || report.delivered_on > date
            }) {
                Some(Exclusion::OutsidePeriod)
            } else {
                None
            };
            match (&candidate.verdict, wanted) {
                (Verdict::Contributing(amount), None) => prop_assert_eq!(amount.to_string(), "1/1"),
                (Verdict::Excluded(reason), Some(wanted)) => prop_assert_eq!(*reason, wanted),
                (verdict, wanted) => prop_assert!(false, "{verdict:?} instead of {wanted:?}"),
            }
        }

        if as_of < window.from {
            prop_assert_eq!(measured.reason, Some(Reason::PeriodNotStarted));
            prop_assert_eq!(measured.contributing().count(), 0);
        } else if owed == 0 {
            prop_assert_eq!((measured.status, measured.reason), (Status::NotComputable, Some(Reason::NoVillages)));
            prop_assert_eq!(measured.value, None);
        } else if !has_record && !says_so && !goes_on {
            prop_assert_eq!((measured.status, measured.reason), (Status::NotComputable, Some(Reason::NotRecorded)));
            prop_assert_eq!((measured.value, delivered), (None, 0));
        } else {
            prop_assert_eq!((measured.numerator, measured.denominator), (Some(delivered), Some(owed)));
            let shown = measured.rounded().unwrap().to_string();
            prop_assert_eq!(shown, long_division(100 * i128::from(delivered), i128::from(owed), 2));
            let wanted = if as_of > window.to { Status::Computed } else { Status::Provisional };
            prop_assert_eq!(measured.status, wanted);
            let count = |code, n| Information { code, value: Figure::Count(n) };
            let mut information = vec![
                count(InformationCode::VillagesComplete, complete),
                count(InformationCode::OnTime, on_time),
                count(InformationCode::Late, delivered - on_time),
                count(InformationCode::KindsListed, listed),
            ];
            information.extend(per_village.map(|n| count(InformationCode::KindsInDecree, n.into())));
            let unconfirmed = kinds.iter().filter(|kind| is_listed(kind) && !kind.confirmed).count() as u64;
            information.push(count(InformationCode::UnconfirmedKinds, unconfirmed));
            information.push(count(InformationCode::NotDue, not_due));
            prop_assert_eq!(measured.information.clone(), information);
            let other = measured.other.as_ref().unwrap().value.to_hundredths().to_string();
            prop_assert_eq!(other, long_division(100 * i128::from(complete), i128::from(owing), 2));
            // The explanation alone gives the value.
            prop_assert_eq!(measured.contributing().count() as u64, delivered);
            let late = obligations.iter().filter(|input| input.punctuality == Punctuality::Late).count() as u64;
            prop_assert_eq!(late, delivered - on_time);
        }
    }

    /// Every report of a listed kind and year is either the report of an obligation or left over, with the reason.
    #[test]
    fn no_report_of_the_year_is_left_unsaid(
        villages in villages(), kinds in kinds(), reports in reports(), period in period(), as_of in near(2024),
    ) {
        let frame = frame(&period.to_string(), as_of);
        let facts = facts(&villages, &kinds, &reports);
        let taken = report_delivery::measure(&frame, &facts).candidates;
        let left = report_delivery::surplus(&frame, &facts, &taken);
        let mut said: Vec<_> = taken.iter().chain(&left).filter_map(|candidate| candidate.record).collect();
        let year = period.year();
        let mut wanted: Vec<_> = reports.iter().filter(|report| kinds.iter().any(|kind| {
            kind.valid_from_year.is_none_or(|from| year >= from) && kind.valid_to_year.is_none_or(|to| year <= to)
                && kind.code == report.kind && report.fiscal_year - kind.fiscal_year_offset == year
        })).map(|report| report.id).collect();
        said.sort();
        wanted.sort();
        prop_assert_eq!(said, wanted);
        for candidate in left {
            let report = reports.iter().find(|report| Some(report.id) == candidate.record).unwrap();
            let same = |other: &&Candidate| other.record.is_some_and(|id| {
                let other = reports.iter().find(|report| report.id == id).unwrap();
                (&other.village_code, &other.kind, other.fiscal_year) == (&report.village_code, &report.kind, report.fiscal_year)
            });
            let reason = match (report.deleted, taken.iter().any(|other| same(&other))) {
                (true, _) => Exclusion::Deleted,
                (false, true) => Exclusion::Duplicate,
                (false, false) => Exclusion::OutsidePeriod,
            };
            prop_assert_eq!(candidate.verdict, Verdict::Excluded(reason));
            prop_assert_eq!(candidate.obligation, None);
        }
    }

    #[test]
    fn order_of_facts_does_not_matter(
        villages in villages(), kinds in kinds(),
        (reports, shuffled) in reports().prop_flat_map(|r| (Just(r.clone()), Just(r).prop_shuffle())),
        period in period(),
    ) {
        let frame = frame(&period.to_string(), civil::day(2026, 1, 1));
        let measure = |reports: &[ReportFact]| report_delivery::measure(&frame, &facts(&villages, &kinds, reports));
        prop_assert_eq!(measure(&reports), measure(&shuffled));
    }

    #[test]
    fn due_days_exist_and_are_not_after_the_configured_day(month in 1..=12_u32, day in 1..=31_u32, year in 2000..=2100_i32) {
        let due = kind("k", 0, month, day).due_on(year);
        let wanted = (1..=day).rev().find_map(|d| NaiveDate::from_ymd_opt(year, month, d)).unwrap();
        prop_assert_eq!(due, wanted);
    }

    #[test]
    fn obligation_and_fiscal_year_are_inverse(year in 2000..=2100_i32, offset in -1..=0_i32) {
        let kind = kind("k", offset, 3, 31);
        prop_assert_eq!(kind.obligation_year(kind.fiscal_year(year)), year);
    }
}
