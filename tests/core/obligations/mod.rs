//! IKU 4 and 5: obligations, deliveries and years without records. `generated.rs` compares them with a reference.

mod generated;

use chrono::{NaiveDate, TimeDelta};
use iku::core::civil;
use iku::core::formula::report_delivery::{self, Deliveries, ReportFact};
use iku::core::formula::{Exclusion, Figure, Frame, InformationCode, Measured, Reason, Status};
use iku::core::obligation::{self, RecordedYears, ReportFlag, ReportGroup, ReportKind, ReportStatus};
use iku::core::period::Period;
use iku::core::place::{Village, VillageKind};
use uuid::Uuid;

pub fn desa(code: &str) -> Village {
    Village {
        code: code.into(),
        kind: VillageKind::Desa,
        valid_from: None,
        valid_to: None,
    }
}

pub fn kind(code: &str, offset: i32, due_month: u32, due_day: u32) -> ReportKind {
    ReportKind {
        code: code.into(),
        group: ReportGroup::Finance,
        due_month,
        due_day,
        fiscal_year_offset: offset,
        valid_from_year: None,
        valid_to_year: None,
        confirmed: true,
    }
}

fn facts<'a>(villages: &'a [Village], kinds: &'a [ReportKind], reports: &'a [ReportFact]) -> Deliveries<'a> {
    Deliveries {
        villages,
        kinds,
        reports,
        ..Deliveries::default()
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
    let measured = report_delivery::measure(
        &frame("2025", civil::day(2026, 1, 31)),
        &facts(&villages, &kinds, &reports),
    );
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
    let measured = report_delivery::measure(
        &frame("2025-Q1", civil::day(2025, 8, 1)),
        &facts(&villages, &kinds, &reports),
    );
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
    let measured = report_delivery::measure(&frame("2025", civil::day(2026, 1, 1)), &facts(&[], &kinds, &[]));
    assert_eq!((measured.value, measured.reason), (None, Some(Reason::NoVillages)));
    let early = [report("63.11.06.2001", "lpj-apbdes", 2024, civil::day(2024, 12, 30))];
    let villages = [desa("63.11.06.2001")];
    let measured = report_delivery::measure(
        &frame("2025-Q1", civil::day(2024, 12, 31)),
        &facts(&villages, &kinds, &early),
    );
    assert_eq!(measured.reason, Some(Reason::PeriodNotStarted));
    assert!(
        measured
            .excluded()
            .all(|(_, reason)| reason == Exclusion::OutsidePeriod)
    );
    assert_eq!(measured.excluded().count(), 7);
    let measured = report_delivery::measure(
        &frame("2025-Q1", civil::day(2025, 1, 1)),
        &facts(&villages, &kinds, &early),
    );
    assert_eq!((measured.numerator, measured.status), (Some(1), Status::Provisional));
}

fn figure(measured: &Measured, code: InformationCode) -> Option<u64> {
    let found = measured.information.iter().find(|i| i.code == code)?;
    match found.value {
        Figure::Count(n) => Some(n),
        Figure::Decimal(_) => None,
    }
}

/// DOMAIN section 9: never measured is not zero.
#[test]
fn a_year_without_records_has_no_value_unless_the_office_recorded_it() {
    let (villages, kinds) = ([desa("v")], seven());
    let in_2024 = [report("v", "lpj-apbdes", 2023, civil::day(2024, 3, 1))];
    let ask = |year: &str, as_of: NaiveDate, reports: &[ReportFact], from, first| {
        let facts = Deliveries {
            recorded: RecordedYears { from, first },
            ..facts(&villages, &kinds, reports)
        };
        let measured = report_delivery::measure(&frame(year, as_of), &facts);
        (measured.reason, measured.numerator)
    };
    let (unrecorded, zero, one) = ((Some(Reason::NotRecorded), None), (None, Some(0)), (None, Some(1)));
    let (in_2025, in_2026) = (civil::day(2025, 6, 30), civil::day(2026, 6, 30));
    assert_eq!(ask("2024", in_2025, &in_2024, None, Some(2024)), one);
    assert_eq!(ask("2023", in_2025, &[], None, None), unrecorded);
    // The year after the first is computed while it is the current year, and remains so only with a record or a statement.
    assert_eq!(ask("2025", in_2025, &[], None, Some(2024)), zero);
    assert_eq!(ask("2025", in_2026, &[], None, Some(2024)), unrecorded);
    assert_eq!(ask("2025", in_2026, &[], Some(2025), None), zero);
    assert_eq!(ask("2025", in_2026, &[], Some(2026), Some(2024)), unrecorded);
    // A first office, in its first year, before its first report.
    assert_eq!(ask("2026", in_2026, &[], None, None), unrecorded);
    assert_eq!(ask("2026", in_2026, &[], None, Some(2026)), unrecorded);
    let later = ask("2026", civil::day(2025, 12, 31), &[], None, None);
    assert_eq!(later, (Some(Reason::PeriodNotStarted), None));
    // A returned report was recorded, a deleted one was not.
    let returned = in_2024.clone().map(|r| ReportFact {
        status: ReportStatus::Returned,
        ..r
    });
    assert_eq!(ask("2024", in_2025, &returned, None, None), zero);
    let deleted = in_2024.clone().map(|r| ReportFact { deleted: true, ..r });
    assert_eq!(ask("2024", in_2025, &deleted, None, None), unrecorded);
    // A report of another group, or of a kind that the year does not owe, is no record of the year.
    let other = in_2024.clone().map(|r| ReportFact {
        kind: "lppd".into(),
        ..r
    });
    assert_eq!(ask("2024", in_2025, &other, None, None), unrecorded);
}

/// 314 of 330 desa delivered the report of Dana Desa: "95 persen" in the news. And 221 kampung, of which none delivered.
#[test]
fn shares_equal_published_figures() {
    let villages: Vec<Village> = (0..330).map(|n| desa(&format!("v{n}"))).collect();
    let kinds = [kind("dd-tahap1", 0, 6, 30)];
    let day = civil::day(2024, 6, 20);
    let reports: Vec<ReportFact> = (0..314)
        .map(|n| report(&format!("v{n}"), "dd-tahap1", 2024, day))
        .collect();
    let at = frame("2024", civil::day(2025, 1, 1));
    let measured = report_delivery::measure(&at, &facts(&villages, &kinds, &reports));
    assert_eq!((measured.numerator, measured.denominator), (Some(314), Some(330)));
    assert_eq!(measured.rounded().unwrap().to_string(), "95.15");

    let kelurahan = (0..6).map(|n| Village {
        kind: VillageKind::Kelurahan,
        ..desa(&format!("k{n}"))
    });
    let villages: Vec<Village> = (0..221).map(|n| desa(&format!("v{n}"))).chain(kelurahan).collect();
    let recorded = RecordedYears {
        from: Some(2024),
        first: None,
    };
    let nothing = Deliveries {
        recorded,
        ..facts(&villages, &kinds, &[])
    };
    let measured = report_delivery::measure(&at, &nothing);
    assert_eq!((measured.numerator, measured.denominator), (Some(0), Some(221)));
}

#[test]
fn a_desa_owes_what_falls_due_from_its_first_day_on() {
    let kinds = seven();
    let new = Village {
        valid_from: Some(civil::day(2026, 7, 1)),
        ..desa("new")
    };
    let villages = [desa("old"), new];
    let reports = [
        report("old", "apbdes-s1", 2026, civil::day(2026, 7, 1)),
        // The new desa delivers what it does not owe.
        report("new", "lpj-apbdes", 2025, civil::day(2026, 8, 1)),
        report("new", "apbdes-s1", 2026, civil::day(2026, 7, 14)),
        report("new", "kegiatan-s1", 2026, civil::day(2026, 7, 15)),
    ];
    let at = |day| report_delivery::measure(&frame("2026", day), &facts(&villages, &kinds, &reports));
    let measured = at(civil::day(2026, 12, 1));
    assert_eq!((measured.numerator, measured.denominator), (Some(3), Some(9)));
    assert_eq!(figure(&measured, InformationCode::NotDue), Some(5));
    assert_eq!(figure(&measured, InformationCode::VillagesComplete), Some(1));
    assert_eq!(figure(&measured, InformationCode::KindsListed), Some(7));
    // Before it exists, it owes nothing and is not in the denominator.
    let before = at(civil::day(2026, 6, 30));
    assert_eq!((before.numerator, before.denominator), (Some(0), Some(7)));
    assert_eq!(figure(&before, InformationCode::NotDue), Some(0));
    // A desa that begins on the due day owes the report; the day after it does not.
    for (first, owed) in [(civil::day(2026, 7, 14), 2), (civil::day(2026, 7, 15), 0)] {
        let villages = [Village {
            valid_from: Some(first),
            ..desa("new")
        }];
        let facts = Deliveries {
            recorded: RecordedYears {
                from: Some(2026),
                first: None,
            },
            ..facts(&villages, &kinds, &[])
        };
        let measured = report_delivery::measure(&frame("2026", civil::day(2026, 12, 1)), &facts);
        assert_eq!(measured.denominator, (owed > 0).then_some(owed), "{first}");
        assert_eq!(
            figure(&measured, InformationCode::VillagesComplete),
            (owed > 0).then_some(0)
        );
    }
}

#[test]
fn the_list_of_kinds_is_compared_with_the_decree() {
    let villages = [desa("v")];
    let reports = [report("v", "lpj-apbdes", 2024, civil::day(2025, 3, 1))];
    let mut kinds = seven();
    kinds[0].confirmed = false;
    kinds[1].valid_to_year = Some(2024);
    kinds[1].confirmed = false;
    let facts = Deliveries {
        per_village: Some(7),
        ..facts(&villages, &kinds, &reports)
    };
    let measured = report_delivery::measure(&frame("2025", civil::day(2025, 8, 1)), &facts);
    assert_eq!(measured.denominator, Some(6));
    assert_eq!(figure(&measured, InformationCode::KindsListed), Some(6));
    assert_eq!(figure(&measured, InformationCode::KindsInDecree), Some(7));
    assert_eq!(figure(&measured, InformationCode::UnconfirmedKinds), Some(1));
    let unknown = Deliveries {
        per_village: None,
        ..facts
    };
    let measured = report_delivery::measure(&frame("2025", civil::day(2025, 8, 1)), &unknown);
    assert_eq!(figure(&measured, InformationCode::KindsInDecree), None);
}

#[test]
fn a_delivery_before_the_end_of_its_year_or_years_away_is_implausible() {
    use ReportFlag::{BeforeFiscalYearEnd as Early, FiscalYearFar as Far};
    for (fiscal_year, offset, (y, m, d), flags) in [
        (2024, -1, (2024, 12, 31), &[Early][..]),
        (2024, -1, (2025, 1, 1), &[]),
        (2025, -1, (2025, 3, 14), &[Early]),
        (2025, 0, (2025, 3, 14), &[]),
        (2025, 0, (2024, 12, 1), &[]),
        (2030, -1, (2026, 11, 27), &[Early, Far]),
        (2024, -1, (2020, 1, 1), &[Early, Far]),
        (2023, -1, (2025, 1, 1), &[]),
        (2022, -1, (2025, 1, 1), &[Far]),
        (2027, 0, (2025, 12, 31), &[]),
        (2028, 0, (2025, 12, 31), &[Far]),
    ] {
        let found = obligation::flags(fiscal_year, offset, civil::day(y, m, d));
        assert_eq!(found, flags, "{fiscal_year} {offset} {y}-{m}-{d}");
    }
}
