//! The index of one survey and of several, on random answers.

use iku::core::exact::{Hundredths, Thousandths};
use iku::core::sample_size;
use iku::core::skm::{ActiveElements, Answers, Element, ElementTallies, Score, SurveyReason};
use proptest::prelude::*;

use crate::reference::{cases, long_division};

type Response = [Option<u8>; 9];

/// Makes a response from one random number, seven bits for each element, so that about a seventh of the answers are
/// missing. This is much faster than nine strategies.
fn response() -> impl Strategy<Value = Response> {
    any::<u64>().prop_map(|bits| {
        std::array::from_fn(|i| {
            let seven = (bits >> (7 * i)) as u8 & 127;
            (!seven.is_multiple_of(7)).then_some(1 + seven / 7 % 4)
        })
    })
}

fn responses() -> impl Strategy<Value = Vec<Response>> {
    prop::collection::vec(response(), 0..12)
}

/// Returns the inactive elements: mostly none, never all.
fn inactive() -> impl Strategy<Value = [bool; 9]> {
    prop_oneof![Just(0), 0..511_u16].prop_map(|bits| std::array::from_fn(|i| bits >> i & 1 == 1))
}

fn answers(responses: &[Response], inactive: [bool; 9]) -> Answers {
    let mut tallies = ElementTallies::default();
    for response in responses {
        for (element, score) in Element::ALL.into_iter().zip(response) {
            if let Some(score) = score {
                tallies.record(element, Score::new(*score).unwrap());
            }
        }
    }
    let off = Element::ALL
        .into_iter()
        .zip(inactive)
        .filter(|(_, off)| *off)
        .map(|(element, _)| element);
    Answers {
        respondents: responses.len() as u64,
        active: ActiveElements::without(off).unwrap(),
        tallies,
    }
}

/// A multiple of every denominator up to 12.
const COMMON: i128 = 27_720;

/// Computes the index with a common denominator, for long division: `(25 x sum over elements of sum / n) / active`.
fn reference(responses: &[Response], inactive: [bool; 9]) -> Result<(i128, i128), SurveyReason> {
    if responses.is_empty() {
        return Err(SurveyReason::NoResponses);
    }
    let (mut total, mut active) = (0, 0);
    for i in (0..9).filter(|i| !inactive[*i]) {
        let given: Vec<i128> = responses
            .iter()
            .filter_map(|response| response[i])
            .map(i128::from)
            .collect();
        if given.is_empty() {
            return Err(SurveyReason::ElementUnanswered);
        }
        total += given.iter().sum::<i128>() * (COMMON / given.len() as i128);
        active += 1;
    }
    Ok((25 * total, COMMON * active))
}

fn rounded(responses: &[Response], inactive: [bool; 9]) -> Result<Hundredths, SurveyReason> {
    answers(responses, inactive).ikm().map(|ikm| ikm.rounded)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn index_agrees_with_long_division(responses in responses(), inactive in inactive()) {
        let wanted = reference(&responses, inactive);
        let ikm = answers(&responses, inactive).ikm();
        match (wanted, ikm) {
            (Ok((n, d)), Ok(ikm)) => {
                prop_assert_eq!(ikm.rounded.to_string(), long_division(n, d, 2));
                prop_assert!(ikm.rounded >= Hundredths(2500) && ikm.rounded <= Hundredths(10000));
                prop_assert!(ikm.grade().is_ok());
            }
            (wanted, ikm) => prop_assert_eq!(wanted.err(), ikm.err()),
        }
    }

    #[test]
    fn order_of_responses_does_not_matter(
        (responses, shuffled) in responses().prop_flat_map(|r| (Just(r.clone()), Just(r).prop_shuffle())),
        inactive in inactive(),
    ) {
        prop_assert_eq!(answers(&responses, inactive).ikm(), answers(&shuffled, inactive).ikm());
    }

    #[test]
    fn elements_are_interchangeable(
        responses in responses(),
        order in Just([0, 1, 2, 3, 4, 5, 6, 7, 8_usize]).prop_shuffle(),
        inactive in inactive(),
    ) {
        let moved: Vec<Response> = responses.iter().map(|response| order.map(|i| response[i])).collect();
        prop_assert_eq!(rounded(&responses, inactive), rounded(&moved, order.map(|i| inactive[i])));
    }

    #[test]
    fn better_answer_never_lowers_the_index(
        responses in responses(), inactive in inactive(), actor in any::<prop::sample::Index>(), element in 0..9_usize,
    ) {
        if responses.is_empty() {
            return Ok(());
        }
        let mut better = responses.clone();
        let actor = actor.index(better.len());
        let Some(score) = better[actor][element].as_mut().filter(|score| **score < 4) else { return Ok(()) };
        *score += 1;
        let (before, after) = (answers(&responses, inactive).ikm(), answers(&better, inactive).ikm());
        match (before, after) {
            (Ok(before), Ok(after)) if inactive[element] => prop_assert_eq!(before, after),
            (Ok(before), Ok(after)) => prop_assert!(before.exact < after.exact),
            (before, after) => prop_assert_eq!(before, after),
        }
    }

    #[test]
    fn answers_to_inactive_elements_change_nothing(responses in responses(), inactive in inactive()) {
        let erase = |response: &Response| std::array::from_fn(|i| response[i].filter(|_| !inactive[i]));
        let erased: Vec<Response> = responses.iter().map(erase).collect();
        prop_assert_eq!(rounded(&responses, inactive), rounded(&erased, inactive));
    }

    #[test]
    fn elements_show_their_own_numbers(responses in responses(), inactive in inactive()) {
        let answers = answers(&responses, inactive);
        let active = inactive.iter().filter(|off| !**off).count() as i128;
        for (i, element) in Element::ALL.into_iter().enumerate() {
            let given: Vec<i128> = responses.iter().filter_map(|response| response[i]).map(i128::from).collect();
            let (n, sum) = (given.len() as i128, given.iter().sum::<i128>());
            let tally = answers.tallies.get(element);
            prop_assert_eq!((i128::from(tally.n()), i128::from(tally.sum())), (n, sum));
            if n == 0 {
                prop_assert!(tally.nrr().is_none() && tally.index().is_none() && tally.grade().is_none());
                continue;
            }
            prop_assert_eq!(tally.nrr().unwrap().to_thousandths(), Thousandths::parse(&long_division(sum, n, 3)).unwrap());
            let weighted = tally.weighted_nrr(answers.active).unwrap().to_thousandths().to_string();
            prop_assert_eq!(weighted, long_division(sum, n * active, 3));
            prop_assert_eq!(tally.index().unwrap().to_string(), long_division(25 * sum, n, 2));
            prop_assert!(tally.grade().is_some());
        }
    }

    #[test]
    fn pooled_surveys_equal_one_big_survey(first in responses(), second in responses(), inactive in inactive()) {
        let pooled = Answers::pooled([&answers(&first, inactive), &answers(&second, inactive)]).unwrap();
        let together: Vec<Response> = first.into_iter().chain(second).collect();
        prop_assert_eq!(pooled.ikm(), answers(&together, inactive).ikm());
    }

    #[test]
    fn response_needs_five_answers_or_all_active_elements(response in response(), inactive in inactive()) {
        let active = answers(&[], inactive).active;
        let given = Element::ALL.into_iter().zip(response).filter(|(_, score)| score.is_some()).map(|(element, _)| element);
        let counted = (0..9).filter(|i| !inactive[*i] && response[*i].is_some()).count();
        let all = (0..9).filter(|i| !inactive[*i]).all(|i| response[i].is_some());
        prop_assert_eq!(active.can_accept(given), counted >= 5 || all);
    }

    #[test]
    fn sample_size_equals_the_rounded_formula(population in 10..10_000_000_u64) {
        // S = 3.841 N 0.25 / (0.0025 (N - 1) + 0.96025), all x 100,000.
        let n = i128::from(population);
        let wanted = long_division(96_025 * n, 250 * (n - 1) + 96_025, 0);
        prop_assert_eq!(sample_size::required(population).to_string(), wanted);
        prop_assert!(sample_size::required(population) <= sample_size::required(population + 1));
    }
}
