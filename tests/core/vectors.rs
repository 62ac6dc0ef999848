//! Every worked case of `tests/vectors`, which include published calculations.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use iku::core::achievement::{self, Category, Polarity};
use iku::core::case::{Event, EventKind};
use iku::core::exact::{Exact, Hundredths};
use iku::core::formula::case_handling::{self, CaseFact};
use iku::core::formula::survey_index::{self, SurveyFact, SurveyStatus};
use iku::core::formula::{Frame, Reason};
use iku::core::grade::Grade;
use iku::core::period::Period;
use iku::core::skm::{ActiveElements, Answers, Element, ElementTallies, Score, Tally};
use iku::core::{civil, sample_size};
use serde_json::Value;
use uuid::Uuid;

fn vectors(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("no list {key}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// Returns the snake_case name of a value of an enum, as in the contract.
fn name(value: impl serde::Serialize) -> String {
    text(&serde_json::to_value(value).unwrap())
}

fn instant(value: &Value) -> DateTime<Utc> {
    text(value).parse().unwrap()
}

/// Returns complete answers with this total. They are distributed evenly, which is one of many possible ways.
fn from_total(respondents: u64, total: u64) -> Answers {
    let mut tallies = ElementTallies::default();
    for (i, element) in (0..).zip(Element::ALL) {
        tallies.set(
            element,
            Tally::new(respondents, total / 9 + u64::from(i < total % 9)).unwrap(),
        );
    }
    Answers {
        respondents,
        active: ActiveElements::ALL,
        tallies,
    }
}

fn assert_ikm(case: &Value, answers: &Answers) {
    let ikm = answers.ikm().unwrap();
    assert_eq!(ikm.rounded.to_string(), text(&case["ikm"]), "{case}");
    if let Some(grade) = case.get("grade") {
        assert_eq!(name(ikm.grade().unwrap()), text(grade), "{case}");
    }
    let survey = SurveyFact {
        id: Uuid::nil(),
        status: SurveyStatus::Closed,
        ends_on: civil::day(2025, 6, 30),
        answers: *answers,
        deleted: false,
    };
    let measured = survey_index::measure(&frame("2025", "2026-01-01T00:00:00+08:00"), &[survey]);
    assert_eq!(measured.value, Some(ikm.exact));
}

fn frame(period: &str, as_of: &str) -> Frame {
    Frame {
        window: period.parse::<Period>().unwrap().window(),
        as_of: as_of.parse().unwrap(),
    }
}

#[test]
fn index_equals_the_published_cases() {
    let file = vectors(include_str!("../vectors/ikm.json"));
    let cases = list(&file, "cases");
    assert_eq!(cases.len(), 12);
    for case in cases {
        let respondents = number(&case["respondents"]);
        let Some(sums) = case.get("element_sums") else {
            assert_ikm(case, &from_total(respondents, number(&case["total_score"])));
            continue;
        };
        let mut answers = Answers {
            respondents,
            active: ActiveElements::ALL,
            tallies: ElementTallies::default(),
        };
        for element in Element::ALL {
            for (score, count) in case["answer_counts"][element.code()].as_object().unwrap() {
                let score = Score::new(score.parse().unwrap()).unwrap();
                (0..number(count)).for_each(|_| answers.tallies.record(element, score));
            }
            let tally = answers.tallies.get(element);
            assert_eq!((tally.n(), tally.sum()), (respondents, number(&sums[element.code()])));
            let nrr4 = tally.nrr().unwrap().round_half_up(4);
            assert_eq!(
                format!("{}.{:04}", nrr4 / 10_000, nrr4 % 10_000),
                text(&case["nrr4"][element.code()])
            );
        }
        assert_ikm(case, &answers);
    }
}

#[test]
fn index_with_missing_answers_equals_the_cases() {
    let file = vectors(include_str!("../vectors/ikm.json"));
    for case in list(&file, "missing_answers") {
        let responses = list(case, "answers");
        let mut tallies = ElementTallies::default();
        for response in responses {
            for (code, score) in response.as_object().unwrap() {
                if let Some(score) = score.as_u64() {
                    let score = Score::new(u8::try_from(score).unwrap()).unwrap();
                    tallies.record(Element::from_code(code).unwrap(), score);
                }
            }
        }
        assert_ikm(
            case,
            &Answers {
                respondents: responses.len() as u64,
                active: ActiveElements::ALL,
                tallies,
            },
        );
    }
}

#[test]
fn index_is_missing_for_the_stated_reasons() {
    let file = vectors(include_str!("../vectors/ikm.json"));
    for case in list(&file, "not_computable") {
        let answers = from_total(number(&case["respondents"]), 0);
        assert_eq!(name(answers.ikm().unwrap_err()), text(&case["reason"]));
    }
}

#[test]
fn grades_change_at_their_bounds() {
    let file = vectors(include_str!("../vectors/ikm.json"));
    for edge in list(&file, "grade_edges") {
        let index: Hundredths = text(&edge[0]).parse().unwrap();
        assert_eq!(name(Grade::of(index).unwrap()), text(&edge[1]), "{edge}");
    }
}

#[test]
fn ratios_equal_the_cases() {
    let file = vectors(include_str!("../vectors/ratios.json"));
    for case in list(&file, "ratios") {
        let fraction = Exact::ratio(number(&case["numerator"]), number(&case["denominator"]));
        let value = fraction.map(|f| f.times(100).to_hundredths().to_string());
        assert_eq!(value.as_deref(), case["value"].as_str(), "{case}");
    }
    assert_eq!(name(Reason::NoCases), text(&file["ratios"][1]["reason"]));
    let nothing = case_handling::measure(&frame("2025", "2026-01-01T00:00:00+08:00"), &[]);
    assert_eq!((nothing.value, nothing.reason), (None, Some(Reason::NoCases)));
}

#[test]
fn achievements_equal_the_cases() {
    let file = vectors(include_str!("../vectors/ratios.json"));
    for case in list(&file, "achievement") {
        let realisation = match case.get("realisation") {
            Some(decimal) => Exact::from(Hundredths::parse(&text(decimal)).unwrap()),
            None => {
                let (n, d) = (
                    number(&case["realisation_numerator"]),
                    number(&case["realisation_denominator"]),
                );
                Exact::ratio(n, d).unwrap()
            }
        };
        let target = Hundredths::parse(&text(&case["target"])).unwrap();
        match achievement::achievement(Some(&realisation), Some(target), Polarity::HigherIsBetter) {
            Ok(value) => assert_eq!(value.to_string(), text(&case["value"]), "{case}"),
            Err(reason) => {
                assert!(case["value"].is_null());
                assert_eq!(name(reason), text(&case["reason"]), "{case}");
            }
        }
    }
}

#[test]
fn achievement_categories_change_at_their_bounds() {
    let file = vectors(include_str!("../vectors/ratios.json"));
    for edge in list(&file, "achievement_category") {
        assert_eq!(
            name(Category::of(text(&edge[0]).parse().unwrap())),
            text(&edge[1]),
            "{edge}"
        );
    }
}

#[test]
fn facts_after_the_as_of_instant_do_not_count() {
    let file = vectors(include_str!("../vectors/ratios.json"));
    for case in list(&file, "cutoff") {
        let at = |key: &str| civil::start_of_day(text(&case[key]).parse::<NaiveDate>().unwrap());
        let event = |kind, at| Event {
            kind,
            at,
            has_receipt: false,
        };
        let fact = CaseFact {
            id: Uuid::nil(),
            village_code: Some("63.11.06.2001".into()),
            category: "lainnya".into(),
            occurred_at: at("occurred"),
            events: vec![
                event(EventKind::Verified, at("occurred")),
                event(EventKind::Resolved, at("resolved")),
            ],
            deleted: false,
        };
        for as_of in list(case, "as_of") {
            let period: Period = text(&case["period"]).parse().unwrap();
            let frame = Frame {
                window: period.window(),
                as_of: instant(&as_of[0]),
            };
            let measured = case_handling::measure(&frame, std::slice::from_ref(&fact));
            let shown = format!("{}/{}", measured.numerator.unwrap(), measured.denominator.unwrap());
            assert_eq!(shown, text(&as_of[1]), "{as_of}");
        }
    }
}

#[test]
fn civil_days_equal_the_cases() {
    let file = vectors(include_str!("../vectors/ratios.json"));
    for case in list(&file, "civil_time") {
        assert_eq!(
            u64::from(civil::date_of(instant(&case["event_at"])).year().unsigned_abs()),
            number(&case["year"])
        );
    }
}

#[test]
fn sample_sizes_equal_the_published_table() {
    let file = vectors(include_str!("../vectors/sample-size.json"));
    for row in list(&file, "rows") {
        assert_eq!(sample_size::required(number(&row[0])), number(&row[1]), "{row}");
    }
}
