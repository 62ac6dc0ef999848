//! Tallies of survey answers, their weights and their pool.

use iku::core::element::{ActiveElements, Element};
use iku::core::exact::Hundredths;
use iku::core::grade::Grade;
use iku::core::skm::*;

fn answers_of_all(n: u64, sum: u64, active: ActiveElements) -> Answers {
    let mut tallies = ElementTallies::default();
    for element in Element::ALL {
        tallies.set(element, Tally::new(n, sum).unwrap());
    }
    Answers {
        respondents: n,
        active,
        tallies,
    }
}

#[test]
fn unanswered_element_stops_the_index_only_while_active() {
    let mut answers = answers_of_all(3, 9, ActiveElements::ALL);
    answers.tallies.set(Element::Biaya, Tally::default());
    assert_eq!(answers.ikm(), Err(SurveyReason::ElementUnanswered));
    answers.active = ActiveElements::without([Element::Biaya]).unwrap();
    assert_eq!(answers.ikm().unwrap().rounded, Hundredths(7500));
    answers.respondents = 0;
    assert_eq!(answers.ikm(), Err(SurveyReason::NoResponses));
}

#[test]
fn weighted_tally_is_exact() {
    let tally = Tally::new(2, 7).unwrap();
    assert_eq!(tally.weighted_nrr(ActiveElements::ALL).unwrap().to_string(), "7/18");
    assert_eq!(tally.nrr().unwrap().to_thousandths().to_string(), "3.500");
    assert_eq!((tally.index(), tally.grade()), (Some(Hundredths(8750)), Some(Grade::B)));
    assert_eq!(Tally::default().index(), None);
}

#[test]
fn tally_refuses_impossible_sums() {
    for (n, sum) in [(0, 1), (1, 0), (1, 5), (10, 9), (u64::MAX, 1)] {
        assert_eq!(Tally::new(n, sum), None);
    }
}

#[test]
fn pooling_leaves_out_answers_to_inactive_elements() {
    let without = ActiveElements::without([Element::Biaya]).unwrap();
    let (low, high) = (
        answers_of_all(1, 1, without),
        answers_of_all(3, 12, ActiveElements::ALL),
    );
    let pooled = Answers::pooled([&low, &high]).unwrap();
    assert_eq!(pooled.respondents, 4);
    assert_eq!(pooled.tallies.get(Element::Biaya).n(), 3);
    assert_eq!(pooled.tallies.get(Element::Waktu), Tally::new(4, 13).unwrap());
    assert_eq!(Answers::pooled([]), None);
}
