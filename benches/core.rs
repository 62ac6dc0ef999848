//! The cost of the rules alone, without database and HTTP: the formulas over the facts of a district and a year.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use iku::core::case::{Event, EventKind};
use iku::core::civil;
use iku::core::exact::Exact;
use iku::core::formula::Frame;
use iku::core::formula::case_handling::{self, CaseFact};
use iku::core::formula::institution_count::{self, InstitutionFact};
use iku::core::formula::report_delivery::{self, Deliveries, ReportFact};
use iku::core::formula::survey_index::{self, SurveyFact, SurveyStatus};
use iku::core::institution::{Belonging, Term};
use iku::core::obligation::{ReportGroup, ReportKind, ReportStatus};
use iku::core::period::Period;
use iku::core::place::{Village, VillageKind};
use iku::core::skm::{ActiveElements, Answers, Element, ElementTallies, Tally};
use uuid::Uuid;

const VILLAGES: u64 = 14;

fn frame() -> Frame {
    Frame {
        window: "2025".parse::<Period>().unwrap().window(),
        as_of: instant(400),
    }
}

/// Returns the instant `days` days after 1 January 2025.
fn instant(days: i64) -> DateTime<Utc> {
    civil::start_of_day(civil::day(2025, 1, 1)) + TimeDelta::days(days)
}

fn villages() -> Vec<Village> {
    let desa = |n: u64| Village {
        code: format!("63.11.06.{}", 2001 + n),
        kind: VillageKind::Desa,
        valid_from: None,
        valid_to: None,
    };
    (0..VILLAGES).map(desa).collect()
}

/// Surveys of the year. As in real surveys, their sums have no small common divisor.
fn surveys(count: u32) -> Vec<SurveyFact> {
    let answers = |survey: u32| {
        let respondents = 150_000 + 1_009 * u64::from(survey);
        let mut tallies = ElementTallies::default();
        for (e, element) in Element::ALL.into_iter().enumerate() {
            let n = respondents - 13 * e as u64;
            tallies.set(element, Tally::new(n, 3 * n + 7_919 * (e as u64 + 1)).unwrap());
        }
        Answers {
            respondents,
            active: ActiveElements::ALL,
            tallies,
        }
    };
    let survey = |n: u32| SurveyFact {
        id: Uuid::from_u128(n.into()),
        status: SurveyStatus::Closed,
        ends_on: civil::day(2025, 1 + n % 12, 28),
        answers: answers(n),
        deleted: false,
    };
    (0..count).map(survey).collect()
}

fn institutions() -> Vec<InstitutionFact> {
    let term = |year| Term {
        starts_on: civil::day(year, 3, 1),
        ends_on: Some(civil::day(year + 3, 2, 28)),
        revoked_on: None,
    };
    let kinds = ["rt", "rw", "pkk", "karang_taruna", "posyandu", "lpm"];
    let institution = |n: u64| InstitutionFact {
        id: Uuid::from_u128(n.into()),
        villages: vec![Belonging {
            village_code: format!("63.11.06.{}", 2001 + n % VILLAGES),
            from: None,
        }],
        kind: kinds[n as usize % kinds.len()].to_owned(),
        terms: vec![term(2018), term(if n.is_multiple_of(7) { 2021 } else { 2023 })],
        deleted: false,
    };
    (0..120).map(institution).collect()
}

fn cases() -> Vec<CaseFact> {
    let event = |kind, days| Event {
        kind,
        at: instant(days),
        has_receipt: false,
    };
    let case = |n: i64| CaseFact {
        id: Uuid::from_u128(n.unsigned_abs().into()),
        village_code: Some(format!("63.11.06.{}", 2001 + n % 14)),
        category: "pkl".to_owned(),
        occurred_at: instant(5 * n),
        events: vec![
            event(EventKind::Verified, 5 * n + 1),
            event(EventKind::Handling, 5 * n + 2),
            event(EventKind::Resolved, 5 * n + 9),
        ],
        deleted: false,
    };
    (0..60).map(case).collect()
}

fn kinds(group: ReportGroup, count: u32) -> Vec<ReportKind> {
    let kind = |n: u32| ReportKind {
        code: format!("report-{n}"),
        group,
        due_month: 1 + n,
        due_day: 31,
        fiscal_year_offset: -1,
        valid_from_year: None,
        valid_to_year: None,
        confirmed: true,
    };
    (0..count).map(kind).collect()
}

fn reports(kinds: &[ReportKind]) -> Vec<ReportFact> {
    let all = villages()
        .into_iter()
        .flat_map(|v| kinds.iter().map(move |k| (v.code.clone(), k)));
    let report = |(n, (village_code, kind)): (usize, (String, &ReportKind))| ReportFact {
        id: Uuid::from_u128(n as u128),
        village_code,
        kind: kind.code.clone(),
        fiscal_year: 2024,
        delivered_on: civil::day(2025, 1 + n as u32 % 12, 15),
        status: ReportStatus::Accepted,
        deleted: false,
    };
    all.enumerate().map(report).collect()
}

fn formulas(c: &mut Criterion) {
    let (frame, villages) = (frame(), villages());
    let facts = surveys(12);
    c.bench_function("IKU 1, 12 surveys", |b| {
        b.iter(|| survey_index::measure(&frame, black_box(&facts)))
    });
    let facts = institutions();
    c.bench_function("IKU 2, 120 institutions", |b| {
        b.iter(|| institution_count::measure(&frame, &villages, black_box(&facts)));
    });
    let facts = cases();
    c.bench_function("IKU 3, 60 cases", |b| {
        b.iter(|| case_handling::measure(&frame, black_box(&facts)))
    });
    for (name, group, count) in [
        ("IKU 4, 2 kinds of 14 villages", ReportGroup::Administration, 2),
        ("IKU 5, 6 kinds of 14 villages", ReportGroup::Finance, 6),
    ] {
        let kinds = kinds(group, count);
        let facts = reports(&kinds);
        c.bench_function(name, |b| {
            b.iter(|| {
                let deliveries = Deliveries {
                    villages: &villages,
                    kinds: &kinds,
                    reports: black_box(&facts),
                    ..Deliveries::default()
                };
                report_delivery::measure(&frame, &deliveries)
            });
        });
    }
}

fn ikm(c: &mut Criterion) {
    let all = surveys(12);
    let one = all[0].answers;
    c.bench_function("IKM of one survey", |b| b.iter(|| black_box(&one).ikm()));
    c.bench_function("IKM of 12 surveys and their pool", |b| {
        b.iter(|| {
            let each = all.iter().map(|s| s.answers.ikm().map(|i| i.exact));
            let mean = Exact::mean(each.collect::<Result<Vec<_>, _>>().unwrap());
            let pooled = Answers::pooled(all.iter().map(|s| &s.answers)).map(|p| p.ikm());
            (mean, pooled)
        });
    });
}

fn fractions(c: &mut Criterion) {
    let value = Exact::ratio(226_675, 2_646).unwrap();
    c.bench_function("a fraction rounded", |b| b.iter(|| black_box(&value).to_hundredths()));
    c.bench_function("a mean of 12 fractions", |b| {
        let terms: Vec<Exact> = (1..=12)
            .map(|n| Exact::ratio(1_000_003 + n, 999_983 - 7 * n).unwrap())
            .collect();
        b.iter(|| Exact::mean(black_box(terms.clone())));
    });
}

fn periods(c: &mut Criterion) {
    c.bench_function("a period read, and its window", |b| {
        b.iter(|| black_box("2025-Q2").parse::<Period>().map(Period::window));
    });
    c.bench_function("a series of 48 months", |b| {
        let (first, last): (Period, Period) = ("2023-01".parse().unwrap(), "2026-12".parse().unwrap());
        b.iter(|| Period::series(black_box(first), black_box(last)));
    });
}

/// Short rounds: these figures are information, no requirement depends on them.
fn light() -> Criterion {
    Criterion::default()
        .without_plots()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(800))
}

criterion_group! {
    name = core;
    config = light();
    targets = formulas, ikm, fractions, periods
}
criterion_main!(core);
