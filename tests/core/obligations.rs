//! IKU 4 and 5 against a reference that goes through every village, kind and report.

use chrono::{Datelike, NaiveDate, TimeDelta};
use iku::core::civil;
use iku::core::formula::report_delivery::{self, ReportFact};
use iku::core::formula::{Breakdown, Exclusion, Figure, Frame, Information, InformationCode, Reason, Status, Verdict};
use iku::core::obligation::{self, Punctuality, ReportGroup, ReportKind, ReportStatus};
use iku::core::period::{Period, PeriodKind};
use iku::core::place::{Village, VillageKind};
use proptest::prelude::*;
use uuid::Uuid;

use crate::reference::{cases, long_division};

pub fn desa(code: &str) -> Village {
    Village {
        code: code.into(),
        kind: VillageKind::Desa,
        valid_from: None,
        valid_to: None,
    }
}

fn kind(code: &str, offset: i32, due_month: u32, due_day: u32) -> ReportKind {
    ReportKind {
        code: code.into(),
        group: ReportGroup::Finance,
        due_month,
        due_day,
        fiscal_year_offset: offset,
        valid_from_year: None,
        valid_to_year: None,
    }
}

/// Returns the seven kinds of reports of the domain document.
fn seven() -> Vec<ReportKind> {
    vec![
        kind("apbdes-s1", 0, 7, 14),
        kind("kegiatan-s1", 0, 7, 14),
        kind("apbdes-s2", -1, 1, 31),
        kind("lpj-apbdes", -1, 3, 31),
        kind("kegiatan-akhir", -1, 3, 31),
        kind("dd-tahap1", 0, 6, 30),
        kind("dd-tahunan", -1, 2, 28),
    ]
}

fn report(village: &str, kind: &str, fiscal_year: i32, delivered_on: NaiveDate) -> ReportFact {
    ReportFact {
        id: Uuid::new_v4(),
        village_code: village.into(),
        kind: kind.into(),
        fiscal_year,
        delivered_on,
        status: ReportStatus::Received,
        deleted: false,
    }
}

/// Returns the frame at the end of a day.
fn frame(period: &str, as_of: NaiveDate) -> Frame {
    let as_of = civil::end_of_day(as_of) - TimeDelta::microseconds(1);
    Frame {
        window: period.parse::<Period>().unwrap().window(),
        as_of,
    }
}

fn fourteen() -> Vec<Village> {
    let kelurahan = (1001..1003).map(|n| Village {
        kind: VillageKind::Kelurahan,
        ..desa(&format!("63.11.06.{n}"))
    });
    (2001..2015)
        .map(|n| desa(&format!("63.11.06.{n}")))
        .chain(kelurahan)
        .collect()
}

#[test]
fn fourteen_desa_owe_ninety_eight_reports_and_a_second_copy_adds_none() {
    let (villages, kinds) = (fourteen(), seven());
    let mut reports = Vec::new();
    for village in &villages {
        for obligation in obligation::obligations(2025, &kinds) {
            let one = report(
                &village.code,
                &obligation.kind.code,
                obligation.fiscal_year,
                obligation.due_on,
            );
            reports.extend([
                ReportFact {
                    id: Uuid::new_v4(),
                    ..one.clone()
                },
                one,
            ]);
        }
    }
    let measured = report_delivery::measure(&frame("2025", civil::day(2026, 1, 31)), &villages, &kinds, &reports);
    assert_eq!((measured.numerator, measured.denominator), (Some(98), Some(98)));
    assert_eq!(measured.rounded().unwrap().to_string(), "100.00");
    assert_eq!(measured.status, Status::Computed);
    assert_eq!(measured.information[0].value, Figure::Count(14));
}

#[test]
fn obligations_of_the_whole_year_divide_a_quarter() {
    let (villages, kinds) = ([desa("63.11.06.2001")], seven());
    let reports = [
        report("63.11.06.2001", "lpj-apbdes", 2024, civil::day(2024, 12, 30)),
        report("63.11.06.2001", "lpj-apbdes", 2025, civil::day(2025, 2, 1)),
        report("63.11.06.2001", "dd-tahunan", 2024, civil::day(2025, 3, 1)),
        report("63.11.06.2001", "apbdes-s1", 2025, civil::day(2025, 7, 1)),
    ];
    let measured = report_delivery::measure(&frame("2025-Q1", civil::day(2025, 8, 1)), &villages, &kinds, &reports);
    assert_eq!((measured.numerator, measured.denominator), (Some(2), Some(7)));
    assert_eq!(measured.fraction.unwrap().to_string(), "2/7");
    let figure = |code| measured.information.iter().find(|i| i.code == code).unwrap().value;
    assert_eq!(figure(InformationCode::OnTime), Figure::Count(1));
    assert_eq!(figure(InformationCode::Late), Figure::Count(1));
    assert_eq!(figure(InformationCode::VillagesComplete), Figure::Count(0));
}

#[test]
fn value_is_missing_without_a_desa_and_before_the_year() {
    let kinds = seven();
    let measured = report_delivery::measure(&frame("2025", civil::day(2026, 1, 1)), &[], &kinds, &[]);
    assert_eq!((measured.value, measured.reason), (None, Some(Reason::NoVillages)));
    let early = [report("63.11.06.2001", "lpj-apbdes", 2024, civil::day(2024, 12, 30))];
    let villages = [desa("63.11.06.2001")];
    let measured = report_delivery::measure(&frame("2025-Q1", civil::day(2024, 12, 31)), &villages, &kinds, &early);
    assert_eq!(measured.reason, Some(Reason::PeriodNotStarted));
    assert!(
        measured
            .excluded()
            .all(|(_, reason)| reason == Exclusion::OutsidePeriod)
    );
    assert_eq!(measured.excluded().count(), 7);
    let measured = report_delivery::measure(&frame("2025-Q1", civil::day(2025, 1, 1)), &villages, &kinds, &early);
    assert_eq!((measured.numerator, measured.status), (Some(1), Status::Provisional));
}

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
    let one = (-1..=0_i32, 1..=12_u32, 1..=31_u32, year(), year());
    prop::collection::vec(one, 0..4).prop_map(|kinds| {
        let kind = |(n, (offset, month, day, valid_from_year, valid_to_year))| ReportKind {
            valid_from_year,
            valid_to_year,
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

fn period() -> impl Strategy<Value = Period> {
    let quarter = |year, n| Period::new(year, PeriodKind::Quarter, n).unwrap();
    (2024..=2025, 1..=4_u32).prop_map(move |(year, n)| quarter(year, n))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn delivery_agrees_with_a_walk_through_all_facts(
        villages in villages(), kinds in kinds(), reports in reports(), period in period(), as_of in near(2024),
    ) {
        let frame = frame(&period.to_string(), as_of);
        let measured = report_delivery::measure(&frame, &villages, &kinds, &reports);
        let (window, year) = (period.window(), period.year());
        let date = if as_of < window.to { as_of } else { window.to };

        let (mut owed, mut delivered, mut complete, mut on_time) = (0_u64, 0_u64, 0, 0);
        for village in &villages {
            let begun = village.valid_from.is_none_or(|from| date >= from);
            let ended = village.valid_to.is_some_and(|to| date > to);
            if village.kind == VillageKind::Kelurahan || !begun || ended {
                continue;
            }
            let before = owed - delivered;
            for kind in &kinds {
                if kind.valid_from_year.is_some_and(|from| year < from) || kind.valid_to_year.is_some_and(|to| year > to) {
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
                    // A due day that the month does not have is before every day of the next month.
                    on_time += u64::from((first.year(), first.month(), first.day()) <= (year, kind.due_month, kind.due_day));
                }
            }
            complete += u64::from(owed - delivered == before);
        }

        // All candidates, each once.
        prop_assert_eq!(measured.judged.len() as u64, owed);
        prop_assert_eq!(measured.contributing().count() + measured.excluded().count(), measured.judged.len());
        let Breakdown::Obligations(obligations) = &measured.breakdown else { panic!() };
        prop_assert_eq!(obligations.len(), measured.judged.len());
        let mut keys: Vec<_> = obligations.iter().map(|i| (&i.village_code, &i.kind)).collect();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(keys.len() as u64, owed);
        for (input, judged) in obligations.iter().zip(&measured.judged) {
            prop_assert_eq!(input.report, judged.record);
            if as_of < window.from {
                continue;
            }
            // The reason is the best that can be said of any report for this obligation.
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
            match (&judged.verdict, wanted) {
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
        } else {
            prop_assert_eq!((measured.numerator, measured.denominator), (Some(delivered), Some(owed)));
            let shown = measured.rounded().unwrap().to_string();
            prop_assert_eq!(shown, long_division(100 * i128::from(delivered), i128::from(owed), 2));
            let wanted = if as_of > window.to { Status::Computed } else { Status::Provisional };
            prop_assert_eq!(measured.status, wanted);
            let count = |code, n| Information { code, value: Figure::Count(n) };
            prop_assert_eq!(measured.information.clone(), vec![
                count(InformationCode::VillagesComplete, complete),
                count(InformationCode::OnTime, on_time),
                count(InformationCode::Late, delivered - on_time),
            ]);
            // The explanation alone gives the value.
            prop_assert_eq!(measured.contributing().count() as u64, delivered);
            let late = obligations.iter().filter(|input| input.punctuality == Punctuality::Late).count() as u64;
            prop_assert_eq!(late, delivered - on_time);
        }
    }

    #[test]
    fn order_of_facts_does_not_matter(
        villages in villages(), kinds in kinds(),
        (reports, shuffled) in reports().prop_flat_map(|r| (Just(r.clone()), Just(r).prop_shuffle())),
        period in period(),
    ) {
        let frame = frame(&period.to_string(), civil::day(2026, 1, 1));
        let measure = |reports: &[ReportFact]| report_delivery::measure(&frame, &villages, &kinds, reports);
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
