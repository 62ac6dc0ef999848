//! IKU 1, 2 and 3 against references that recount the facts.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use iku::core::case::{Event, EventKind, Life};
use iku::core::civil;
use iku::core::exact::{Exact, Hundredths};
use iku::core::formula::case_handling::{self, CaseFact};
use iku::core::formula::institution_count::{self, InstitutionFact};
use iku::core::formula::survey_index::{self, SurveyFact, SurveyStatus};
use iku::core::formula::{Breakdown, Exclusion, Figure, Frame, Information, InformationCode, Reason, Status, Verdict};
use iku::core::institution::{Belonging, Term};
use iku::core::period::{Period, PeriodKind};
use iku::core::place::{Village, VillageKind};
use iku::core::skm::{ActiveElements, Answers, Element, ElementTallies, Tally};
use proptest::prelude::*;
use uuid::Uuid;

use crate::obligations::desa;
use crate::reference::{cases, long_division};

fn period() -> impl Strategy<Value = Period> {
    (2024..=2025, 1..=12_u32).prop_map(|(year, n)| Period::new(year, PeriodKind::Month, n).unwrap())
}

/// An instant around 2024, to the hour.
fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (-2_000..14_000_i64).prop_map(|n| civil::start_of_day(civil::day(2024, 1, 1)) + TimeDelta::hours(n))
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (-80..600_i64).prop_map(|n| civil::day(2024, 1, 1) + TimeDelta::days(n))
}

fn frame(period: &str, as_of: &str) -> Frame {
    Frame {
        window: period.parse::<Period>().unwrap().window(),
        as_of: as_of.parse().unwrap(),
    }
}

/// Returns a survey in which every answer is the same.
fn survey(id: u128, status: SurveyStatus, ends_on: NaiveDate, respondents: u64, sum: u64) -> SurveyFact {
    let mut tallies = ElementTallies::default();
    Element::ALL
        .into_iter()
        .for_each(|element| tallies.set(element, Tally::new(respondents, sum).unwrap()));
    let answers = Answers {
        respondents,
        active: ActiveElements::ALL,
        tallies,
    };
    SurveyFact {
        id: Uuid::from_u128(id),
        status,
        ends_on,
        answers,
        deleted: false,
    }
}

fn surveys() -> impl Strategy<Value = Vec<SurveyFact>> {
    let status =
        prop_oneof![1 => Just(SurveyStatus::Draft), 2 => Just(SurveyStatus::Open), 3 => Just(SurveyStatus::Closed)];
    let sums = prop::array::uniform9(0..=300_u64);
    let one = (
        status,
        date(),
        0..=100_u64,
        sums,
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        any::<u128>(),
    );
    let one = one.prop_map(|(status, ends_on, respondents, sums, hole, deleted, id)| {
        let mut survey = SurveyFact {
            deleted,
            ..survey(id, status, ends_on, respondents, respondents)
        };
        for (element, sum) in Element::ALL.into_iter().zip(sums) {
            let tally = Tally::new(respondents, respondents + sum.min(3 * respondents)).unwrap();
            survey.answers.tallies.set(element, tally);
        }
        if hole {
            survey.answers.tallies.set(Element::Biaya, Tally::default());
        }
        survey
    });
    prop::collection::vec(one, 0..6)
}

fn outcomes() -> impl Strategy<Value = Vec<CaseFact>> {
    let kind = prop::sample::select(EventKind::ALL.to_vec());
    let events = prop::collection::vec((kind, 0..2_000_i64, any::<bool>()), 0..12);
    let one = (instant(), events, prop::bool::weighted(0.1), any::<u128>());
    let one = one.prop_map(|(occurred_at, wanted, deleted, id)| {
        // Keep only events that may follow the status, as the service does.
        let (mut at, mut events) = (occurred_at, Vec::new());
        for (kind, hours, has_receipt) in wanted {
            if Life::of(&events).status_after(kind).is_some() {
                at += TimeDelta::hours(hours);
                let has_receipt = has_receipt && matches!(kind, EventKind::Referred | EventKind::ReceiptAdded);
                events.push(Event { kind, at, has_receipt });
            }
        }
        let village_code = (id % 3 > 0).then(|| "v0".to_owned());
        CaseFact {
            id: Uuid::from_u128(id),
            village_code,
            category: "lainnya".into(),
            occurred_at,
            events,
            deleted,
        }
    });
    prop::collection::vec(one, 0..8)
}

fn belonging(village: u32, from: Option<NaiveDate>) -> Belonging {
    Belonging {
        village_code: format!("v{village}"),
        from,
    }
}

fn institutions() -> impl Strategy<Value = Vec<InstitutionFact>> {
    let term = (
        date(),
        prop::option::of(0..400_i64),
        prop::option::weighted(0.2, 0..400_i64),
    );
    let transfer = prop::option::weighted(0.3, (0..4_u32, date()));
    let one = (
        (0..4_u32, transfer),
        prop::collection::vec(term, 0..3),
        prop::bool::weighted(0.1),
        any::<u128>(),
    );
    let one = one.prop_map(|((village, transfer), terms, deleted, id)| InstitutionFact {
        id: Uuid::from_u128(id),
        villages: std::iter::once(belonging(village, None))
            .chain(transfer.map(|(village, day)| belonging(village, Some(day))))
            .collect(),
        kind: "rt".into(),
        terms: terms
            .into_iter()
            .map(|(starts_on, length, revoked)| Term {
                starts_on,
                ends_on: length.map(|days| starts_on + TimeDelta::days(days)),
                revoked_on: revoked.map(|days| starts_on + TimeDelta::days(days)),
            })
            .collect(),
        deleted,
    });
    prop::collection::vec(one, 0..8)
}

/// v0 and v1 are desa, v2 is a kelurahan, v3 ceases to exist in the middle of 2024.
fn villages() -> Vec<Village> {
    vec![
        desa("v0"),
        desa("v1"),
        Village {
            kind: VillageKind::Kelurahan,
            ..desa("v2")
        },
        Village {
            valid_to: Some(civil::day(2024, 6, 30)),
            ..desa("v3")
        },
    ]
}

fn expected_status(frame: &Frame, open: bool) -> Status {
    let over = civil::end_of_day(frame.window.to) <= frame.as_of;
    if over && !open {
        Status::Computed
    } else {
        Status::Provisional
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn mean_of_surveys_is_computed_from_unrounded_indices(surveys in surveys(), period in period(), as_of in instant()) {
        let frame = Frame { window: period.window(), as_of };
        let measured = survey_index::measure(&frame, &surveys);
        prop_assert_eq!(measured.candidates.len(), surveys.len());
        prop_assert!(measured.candidates.iter().zip(&surveys).all(|(candidate, survey)| candidate.record == Some(survey.id)));

        let mut belonging: Vec<_> = surveys
            .iter()
            .filter(|s| !s.deleted && s.status != SurveyStatus::Draft && s.ends_on >= frame.window.from && s.ends_on <= frame.window.to)
            .collect();
        belonging.sort_by_key(|s| (s.ends_on, s.id));
        let complete = |s: &&SurveyFact| s.answers.respondents > 0 && Element::ALL.iter().all(|e| s.answers.tallies.get(*e).n() > 0);
        let counted: Vec<_> = belonging.iter().copied().filter(complete).collect();

        if as_of < civil::start_of_day(frame.window.from) {
            prop_assert_eq!(measured.reason, Some(Reason::PeriodNotStarted));
            prop_assert_eq!(measured.contributing().count(), 0);
        } else if counted.is_empty() {
            let reason = match belonging.first() {
                None => Reason::NoSurvey,
                Some(first) if first.answers.respondents == 0 => Reason::NoResponses,
                Some(_) => Reason::ElementUnanswered,
            };
            prop_assert_eq!((measured.status, measured.reason), (Status::NotComputable, Some(reason)));
        } else {
            // n is the same for all nine elements here, so the index is 25 x total / (9 n). The sum leaves out 25 / 9.
            let total = |s: &SurveyFact| Element::ALL.iter().map(|e| i128::from(s.answers.tallies.get(*e).sum())).sum::<i128>();
            let product: i128 = counted.iter().map(|s| i128::from(s.answers.respondents)).product();
            let sum: i128 = counted.iter().map(|s| total(s) * (product / i128::from(s.answers.respondents))).sum();
            let shown = long_division(25 * sum, 9 * product * counted.len() as i128, 2);
            prop_assert_eq!(measured.rounded().unwrap().to_string(), shown);
            prop_assert_eq!(measured.status, expected_status(&frame, counted.iter().any(|s| s.status == SurveyStatus::Open)));
            // The explanation alone gives the same value.
            let again = Exact::mean(measured.contributing().map(|(_, amount)| amount.clone()));
            prop_assert_eq!(&again, &measured.value);
            let respondents: i128 = counted.iter().map(|s| i128::from(s.answers.respondents)).sum();
            let pooled = long_division(25 * counted.iter().map(|s| total(s)).sum::<i128>(), 9 * respondents, 2);
            let other = measured.other.as_ref().unwrap();
            prop_assert_eq!(other.value.to_hundredths().to_string(), pooled.clone());
            let pooled = Figure::Decimal(Hundredths::parse(&pooled).unwrap());
            prop_assert_eq!(measured.information.clone(), vec![
                Information { code: InformationCode::Pooled, value: pooled },
                Information { code: InformationCode::Surveys, value: Figure::Count(counted.len() as u64) },
            ]);
        }
    }

    #[test]
    fn handled_cases_agree_with_a_recount(facts in outcomes(), period in period(), as_of in instant()) {
        let frame = Frame { window: period.window(), as_of };
        let measured = case_handling::measure(&frame, &facts);
        prop_assert_eq!(measured.candidates.len(), facts.len());
        let (from, end) = (civil::start_of_day(frame.window.from), civil::end_of_day(frame.window.to));
        if as_of < from {
            prop_assert_eq!(measured.reason, Some(Reason::PeriodNotStarted));
            return Ok(());
        }
        let (mut occurred, mut handled, mut silent, mut unverified) = (0_u64, 0_u64, 0_u64, 0_u64);
        for fact in facts.iter().filter(|f| !f.deleted && f.occurred_at >= from && f.occurred_at < end && f.occurred_at <= as_of) {
            // The last event before the instant that was not taken back decides.
            let mut counting = Vec::new();
            for event in fact.events.iter().filter(|event| event.at <= as_of) {
                match event.kind {
                    EventKind::Withdrawn => drop(counting.pop()),
                    _ => counting.push(*event),
                }
            }
            match counting.last().map(|event| event.kind) {
                Some(EventKind::Rejected) => continue,
                Some(EventKind::Resolved) => handled += 1,
                Some(EventKind::Referred | EventKind::ReceiptAdded) => {
                    handled += 1;
                    let referral = counting.iter().rposition(|e| e.kind == EventKind::Referred).unwrap();
                    silent += u64::from(counting[referral..].iter().all(|e| !e.has_receipt));
                }
                _ => {}
            }
            occurred += 1;
            let was_verified = counting.iter().any(|event| event.kind == EventKind::Verified);
            unverified += u64::from(!was_verified);
        }
        if occurred == 0 {
            prop_assert_eq!((measured.value, measured.reason), (None, Some(Reason::NoCases)));
            return Ok(());
        }
        prop_assert_eq!((measured.numerator, measured.denominator), (Some(handled), Some(occurred)));
        prop_assert_eq!(measured.rounded().unwrap().to_string(), long_division(100 * i128::from(handled), occurred.into(), 2));
        prop_assert_eq!(measured.status, expected_status(&frame, false));
        let other = measured.other.as_ref().map(|other| other.value.to_hundredths().to_string());
        let verified = i128::from(occurred - unverified);
        prop_assert_eq!(other, (verified > 0).then(|| long_division(100 * i128::from(handled), verified, 2)));
        // The explanation alone gives the same numbers.
        let open = measured.excluded().filter(|(_, reason)| *reason == Exclusion::NotHandled).count() as u64;
        prop_assert_eq!((measured.contributing().count() as u64, open), (handled, occurred - handled));
        let Breakdown::Cases(cells) = &measured.breakdown else { panic!() };
        prop_assert_eq!(cells.iter().map(|i| i.occurred).sum::<u64>(), occurred);
        prop_assert_eq!(cells.iter().map(|i| i.handled).sum::<u64>(), handled);
        prop_assert_eq!(measured.information.clone(), vec![
            Information { code: InformationCode::InProgress, value: Figure::Count(open) },
            Information { code: InformationCode::ReferredWithoutReceipt, value: Figure::Count(silent) },
        ]);
    }

    #[test]
    fn active_institutions_agree_with_a_recount(facts in institutions(), period in period(), as_of in instant()) {
        let frame = Frame { window: period.window(), as_of };
        let measured = institution_count::measure(&frame, &villages(), &facts);
        prop_assert_eq!(measured.candidates.len(), facts.len());
        if as_of < civil::start_of_day(frame.window.from) {
            prop_assert_eq!(measured.reason, Some(Reason::PeriodNotStarted));
            return Ok(());
        }
        if facts.is_empty() {
            prop_assert_eq!((measured.value, measured.reason), (None, Some(Reason::NotRecorded)));
            return Ok(());
        }
        let date = frame.window.to.min((as_of + TimeDelta::hours(8)).date_naive());
        let active: HashSet<Uuid> = facts
            .iter()
            .filter(|f| !f.deleted && match f.villages.iter().rfind(|v| v.from.is_none_or(|from| from <= date)).unwrap().village_code.as_str() {
                "v0" | "v1" => true,
                "v3" => date <= civil::day(2024, 6, 30),
                _ => false,
            })
            .filter(|f| f.terms.iter().any(|term| {
                let ended = term.ends_on.is_some_and(|end| end < date);
                term.starts_on <= date && !ended && term.revoked_on.is_none_or(|revoked| date < revoked)
            }))
            .map(|f| f.id)
            .collect();
        prop_assert_eq!(measured.numerator, Some(active.len() as u64));
        prop_assert_eq!(measured.rounded().unwrap().to_string(), format!("{}.00", active.len()));
        prop_assert_eq!(measured.denominator, None);
        let explained: HashSet<Uuid> = measured.contributing().filter_map(|(candidate, _)| candidate.record).collect();
        prop_assert_eq!(explained, active);
        let registered = facts.iter().filter(|f| !f.deleted && match f.villages.iter().rfind(|v| v.from.is_none_or(|from| from <= date)).unwrap().village_code.as_str() {
            "v0" | "v1" => true,
            "v3" => date <= civil::day(2024, 6, 30),
            _ => false,
        });
        prop_assert_eq!(measured.other.as_ref().unwrap().value.clone(), Exact::integer(registered.count() as u64));
        let Breakdown::Institutions(cells) = &measured.breakdown else { panic!() };
        prop_assert_eq!(cells.iter().map(|i| i.active).sum::<u64>(), measured.numerator.unwrap());
        prop_assert_eq!(measured.status, expected_status(&frame, false));
    }
}

#[test]
fn two_surveys_are_averaged_not_pooled() {
    let closed = SurveyStatus::Closed;
    let surveys = [
        survey(1, closed, civil::day(2025, 3, 31), 1, 2),
        survey(2, closed, civil::day(2025, 9, 30), 3, 12),
        survey(3, SurveyStatus::Draft, civil::day(2025, 4, 1), 1, 1),
        survey(4, closed, civil::day(2026, 1, 1), 1, 1),
    ];
    let measured = survey_index::measure(&frame("2025", "2026-02-01T00:00:00Z"), &surveys);
    assert_eq!(measured.value.clone().unwrap().to_string(), "75/1");
    assert_eq!((measured.numerator, measured.denominator), (None, None));
    assert_eq!(measured.information[0].value, Figure::Decimal(Hundredths(8750)));
    let reasons: Vec<_> = measured.excluded().map(|(_, reason)| reason).collect();
    assert_eq!(reasons, [Exclusion::Draft, Exclusion::OutsidePeriod]);
    let half = survey_index::measure(&frame("2025-S1", "2026-02-01T00:00:00Z"), &surveys);
    assert_eq!(half.rounded(), Some(Hundredths(5000)));
}

#[test]
fn open_survey_makes_the_value_provisional_only_while_it_contributes() {
    let open = survey(1, SurveyStatus::Open, civil::day(2025, 12, 1), 2, 6);
    let empty = survey(2, SurveyStatus::Open, civil::day(2025, 12, 1), 0, 0);
    let closed = survey(3, SurveyStatus::Closed, civil::day(2025, 5, 1), 2, 6);
    let status = |facts: &[SurveyFact], as_of| survey_index::measure(&frame("2025", as_of), facts).status;
    let (last_moment, after) = ("2025-12-31T23:59:59+08:00", "2026-01-01T00:00:00+08:00");
    assert_eq!(status(&[closed], last_moment), Status::Provisional);
    assert_eq!(status(&[closed], after), Status::Computed);
    assert_eq!(status(&[closed, empty], after), Status::Computed);
    assert_eq!(status(&[closed, open], after), Status::Provisional);
    assert_eq!(status(&[empty], after), Status::NotComputable);
}

#[test]
fn reason_is_taken_from_the_survey_that_ends_first() {
    let empty = survey(1, SurveyStatus::Closed, civil::day(2025, 6, 1), 0, 0);
    let mut hole = survey(2, SurveyStatus::Closed, civil::day(2025, 5, 1), 2, 6);
    hole.answers.tallies.set(Element::Waktu, Tally::default());
    let reason = |facts: &[SurveyFact]| survey_index::measure(&frame("2025", "2026-02-01T00:00:00Z"), facts).reason;
    assert_eq!(reason(&[empty, hole]), Some(Reason::ElementUnanswered));
    assert_eq!(reason(&[empty]), Some(Reason::NoResponses));
    assert_eq!(reason(&[]), Some(Reason::NoSurvey));
    let draft = SurveyFact {
        status: SurveyStatus::Draft,
        ..empty
    };
    assert_eq!(reason(&[draft]), Some(Reason::NoSurvey));
}

#[test]
fn institutions_are_counted_on_the_last_day_or_the_as_of_day() {
    let term = Term {
        starts_on: civil::day(2020, 7, 1),
        ends_on: None,
        revoked_on: None,
    };
    let fact = InstitutionFact {
        id: Uuid::nil(),
        villages: vec![belonging(0, None)],
        kind: "rt".into(),
        terms: vec![term, term],
        deleted: false,
    };
    let measure =
        |period, as_of| institution_count::measure(&frame(period, as_of), &villages(), std::slice::from_ref(&fact));
    let spring = measure("2025-Q1", "2026-01-01T00:00:00Z");
    assert_eq!((spring.numerator, spring.status), (Some(1), Status::Computed));
    assert_eq!(spring.information[0].value, Figure::Count(0));
    let year = measure("2025", "2026-01-01T00:00:00Z");
    assert_eq!(
        (year.numerator, year.fraction.clone().unwrap().to_string()),
        (Some(0), "0/1".into())
    );
    assert_eq!(year.candidates[0].verdict, Verdict::Excluded(Exclusion::Lapsed));
    let running = measure("2025", "2025-06-30T12:00:00+08:00");
    assert_eq!((running.numerator, running.status), (Some(1), Status::Provisional));
    assert_eq!(running.information[0].value, Figure::Count(1));
    let at = frame("2025", "2026-01-01T00:00:00Z");
    let nowhere = institution_count::measure(&at, &[], std::slice::from_ref(&fact));
    assert_eq!(nowhere.reason, Some(Reason::NoVillages));
    // Never measured is not zero; an institution that was deleted was recorded once.
    let never = institution_count::measure(&at, &villages(), &[]);
    assert_eq!((never.value, never.reason), (None, Some(Reason::NotRecorded)));
    let deleted = InstitutionFact { deleted: true, ..fact };
    let deleted = institution_count::measure(&at, &villages(), &[deleted]);
    assert_eq!((deleted.numerator, deleted.reason), (Some(0), None));
}
