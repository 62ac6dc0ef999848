//! The gap to a target: as many changes as it says reach the target, and one fewer does not.

use chrono::{DateTime, Days, NaiveDate, Utc};
use iku::core::achievement::Polarity;
use iku::core::case::{Event, EventKind};
use iku::core::civil;
use iku::core::exact::{Exact, Hundredths};
use iku::core::formula::case_handling::{self, CaseFact};
use iku::core::formula::gap::{Need, gap};
use iku::core::formula::institution_count::{self, InstitutionFact};
use iku::core::formula::report_delivery::{self, Deliveries, ReportFact};
use iku::core::formula::survey_index::{self, SurveyFact, SurveyStatus};
use iku::core::formula::{Frame, Measured};
use iku::core::institution::{Belonging, Term};
use iku::core::obligation::ReportStatus;
use iku::core::period::Period;
use iku::core::skm::{ActiveElements, Answers, Element, ElementTallies, Tally};
use proptest::prelude::*;
use uuid::Uuid;

use crate::obligations::{desa, kind};
use crate::reference::cases;

fn frame() -> Frame {
    Frame {
        window: "2025".parse::<Period>().unwrap().window(),
        as_of: "2025-11-01T00:00:00Z".parse().unwrap(),
    }
}

fn polarity() -> impl Strategy<Value = Polarity> {
    prop::sample::select(Polarity::ALL.to_vec())
}

fn noon(day: NaiveDate) -> DateTime<Utc> {
    civil::start_of_day(day) + chrono::TimeDelta::hours(12)
}

fn reaches(measured: &Measured, target: Hundredths, polarity: Polarity) -> bool {
    measured.value.as_ref().is_some_and(|value| match polarity {
        Polarity::HigherIsBetter => *value >= Exact::from(target),
        Polarity::LowerIsBetter => *value <= Exact::from(target),
    })
}

/// Checks the gap of `before`. `changed` measures after the first `n` of the candidates were changed.
fn check(
    before: &Measured,
    target: Hundredths,
    polarity: Polarity,
    changed: impl Fn(&[usize]) -> Measured,
) -> Result<(), TestCaseError> {
    let found = gap(before, target, polarity);
    let reached_with = |n: usize| reaches(&changed(&found.open[..n]), target, polarity);
    match found.need {
        Need::Nothing => prop_assert!(reaches(before, target, polarity)),
        Need::Candidates(n) => {
            let n = usize::try_from(n).unwrap();
            prop_assert!(n > 0 && reached_with(n) && !reached_with(n - 1));
        }
        Need::Unreachable(_) => prop_assert!(!reached_with(found.open.len())),
        Need::Mean(_) => prop_assert!(false, "a mean is of surveys only"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn reports_that_are_missing(states in prop::collection::vec(0..4_u8, 1..12), target in 0..12_000_i64, polarity in polarity()) {
        let villages: Vec<_> = (0..states.len()).map(|n| desa(&format!("v{n:02}"))).collect();
        let kinds = [kind("k", -1, 3, 31)];
        let report = |n: usize, on: NaiveDate| ReportFact {
            id: Uuid::from_u128(n as u128 + 1),
            village_code: format!("v{n:02}"),
            kind: "k".into(),
            fiscal_year: 2024,
            delivered_on: on,
            status: ReportStatus::Received,
            deleted: false,
        };
        let early = civil::day(2025, 2, 1);
        // 0: none, 1: delivered, 2: returned, 3: deleted.
        let reports: Vec<_> = states.iter().enumerate().filter(|(_, state)| **state > 0).map(|(n, state)| ReportFact {
            status: if *state == 2 { ReportStatus::Returned } else { ReportStatus::Received },
            deleted: *state == 3,
            ..report(n, early)
        }).collect();
        let measure = |reports: &[ReportFact]| {
            let mut facts = Deliveries { villages: &villages, kinds: &kinds, reports, ..Deliveries::default() };
            facts.recorded.from = Some(2000);
            report_delivery::measure(&frame(), &facts)
        };
        let before = measure(&reports);
        check(&before, Hundredths(target), polarity, |open| {
            let flipped = |n: &usize| open.contains(n);
            let all = (0..states.len()).filter_map(|n| match (states[n] == 1, flipped(&n)) {
                (true, false) | (false, true) => Some(report(n, early)),
                (true, true) | (false, false) => None,
            });
            measure(&all.collect::<Vec<_>>())
        })?;
    }

    #[test]
    fn cases_that_are_open(states in prop::collection::vec(0..3_u8, 0..12), target in 0..12_000_i64, polarity in polarity()) {
        let day = civil::day(2025, 3, 1);
        let case = |n: usize, kinds: &[EventKind]| CaseFact {
            id: Uuid::from_u128(n as u128 + 1),
            village_code: None,
            category: "jalan".into(),
            occurred_at: noon(day),
            events: kinds.iter().zip(1..).map(|(kind, days)| Event { kind: *kind, at: noon(day + Days::new(days)), has_receipt: false }).collect(),
            deleted: false,
        };
        let (open, handled, rejected): (&[_], &[_], &[_]) =
            (&[], &[EventKind::Verified, EventKind::Resolved], &[EventKind::Rejected]);
        let of = |flipped: &[usize]| {
            let all = states.iter().enumerate().map(|(n, state)| match (*state, flipped.contains(&n)) {
                (2, _) => case(n, rejected),
                (0, false) | (1, true) => case(n, open),
                _ => case(n, handled),
            });
            case_handling::measure(&frame(), &all.collect::<Vec<_>>())
        };
        check(&of(&[]), Hundredths(target), polarity, of)?;
    }

    #[test]
    fn institutions_without_a_decree_in_force(states in prop::collection::vec(any::<bool>(), 1..12), target in 0..1_500_i64, polarity in polarity()) {
        let term = |year| Term { starts_on: civil::day(year, 1, 1), ends_on: Some(civil::day(year + 4, 12, 31)), revoked_on: None };
        let of = |flipped: &[usize]| {
            let all = states.iter().enumerate().map(|(n, active)| InstitutionFact {
                id: Uuid::from_u128(n as u128 + 1),
                villages: vec![Belonging { village_code: "v0".into(), from: None }],
                kind: "rt".into(),
                terms: vec![term(if *active == flipped.contains(&n) { 2015 } else { 2024 })],
                deleted: false,
            });
            institution_count::measure(&frame(), &[desa("v0")], &all.collect::<Vec<_>>())
        };
        check(&of(&[]), Hundredths(target), polarity, of)?;
    }

    #[test]
    fn surveys_that_are_not_finished(
        settled in prop::collection::vec(1..=4_u64, 0..4), unfinished in 0..4_usize, target in 0..11_000_i64, polarity in polarity(),
    ) {
        let survey = |n: usize, status, score: Option<u64>| {
            let mut tallies = ElementTallies::default();
            let respondents = u64::from(score.is_some());
            Element::ALL.into_iter().for_each(|e| tallies.set(e, Tally::new(respondents, score.unwrap_or(0)).unwrap()));
            SurveyFact {
                id: Uuid::from_u128(n as u128 + 1),
                status,
                ends_on: civil::day(2025, 6, 30),
                answers: Answers { respondents, active: ActiveElements::ALL, tallies },
                deleted: false,
            }
        };
        let closed: Vec<_> = settled.iter().enumerate().map(|(n, score)| survey(n, SurveyStatus::Closed, Some(*score))).collect();
        let kinds = [(SurveyStatus::Draft, None), (SurveyStatus::Open, Some(4)), (SurveyStatus::Closed, None)];
        let open = (0..unfinished).map(|n| survey(100 + n, kinds[n % 3].0, kinds[n % 3].1));
        let all: Vec<_> = closed.iter().copied().chain(open).collect();
        let measured = survey_index::measure(&frame(), &all);
        let found = gap(&measured, Hundredths(target), polarity);
        // With this mean the open surveys bring the mean of all to the target exactly, or it is the end of the scale.
        let with = |mean: &Exact| {
            let fixed = settled.iter().map(|score| Exact::integer(25 * score));
            Exact::mean(fixed.chain(std::iter::repeat_n(mean.clone(), unfinished)))
        };
        let target = Exact::from(Hundredths(target));
        let (lowest, highest) = (Exact::integer(25), Exact::integer(100));
        match found.need {
            Need::Nothing => prop_assert!(reaches(&measured, Hundredths((target.clone().times(100)).floor()), polarity)),
            Need::Mean(mean) => {
                prop_assert_eq!(found.open.len(), unfinished);
                let all = with(&mean).unwrap();
                prop_assert!(all == target || mean == lowest || mean == highest);
                match polarity {
                    Polarity::HigherIsBetter => prop_assert!(all >= target),
                    Polarity::LowerIsBetter => prop_assert!(all <= target),
                }
            }
            Need::Unreachable(_) => match polarity {
                _ if unfinished == 0 => prop_assert!(found.open.is_empty()),
                Polarity::HigherIsBetter => prop_assert!(with(&highest).unwrap() < target),
                Polarity::LowerIsBetter => prop_assert!(with(&lowest).unwrap() > target),
            },
            Need::Candidates(_) => prop_assert!(false, "surveys need a mean"),
        }
    }
}

/// Three of 28 reports are missing for 90 percent: 23 + 3 = 26, 92.86 percent; 25 of 28 are 89.29.
#[test]
fn ninety_percent_of_28_reports() {
    let villages: Vec<_> = (0..28).map(|n| desa(&format!("v{n:02}"))).collect();
    let kinds = [kind("k", -1, 3, 31)];
    let reports: Vec<_> = (0..23_u128)
        .map(|n| ReportFact {
            id: Uuid::from_u128(n + 1),
            village_code: format!("v{n:02}"),
            kind: "k".into(),
            fiscal_year: 2024,
            delivered_on: civil::day(2025, 2, 1),
            status: ReportStatus::Received,
            deleted: false,
        })
        .collect();
    let facts = Deliveries {
        villages: &villages,
        kinds: &kinds,
        reports: &reports,
        ..Deliveries::default()
    };
    let measured = report_delivery::measure(&frame(), &facts);
    let found = gap(&measured, Hundredths(9000), Polarity::HigherIsBetter);
    assert_eq!((found.need, found.open.len()), (Need::Candidates(3), 5));
    let beyond = gap(&measured, Hundredths(10_001), Polarity::HigherIsBetter);
    assert_eq!(beyond.need, Need::Unreachable(Some(6)));
}
