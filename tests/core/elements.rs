//! Elements, their codes and scores, and the responses that count.

use iku::core::element::*;

#[test]
fn a_response_needs_five_answers_or_all_active_elements() {
    assert!(!ActiveElements::ALL.can_accept(Element::ALL[..4].iter().copied()));
    assert!(ActiveElements::ALL.can_accept(Element::ALL[..5].iter().copied()));
    assert!(!ActiveElements::ALL.can_accept([Element::Biaya; 5]));
    let three = ActiveElements::without(Element::ALL[3..].iter().copied()).unwrap();
    assert!(three.can_accept(Element::ALL[..3].iter().copied()));
    assert!(!three.can_accept(Element::ALL[1..].iter().copied()));
    assert_eq!(ActiveElements::without(Element::ALL), None);
}

#[test]
fn element_codes_and_scores_refuse_unknown_values() {
    assert_eq!((Score::new(0), Score::new(5)), (None, None));
    assert!(Element::ALL.iter().enumerate().all(|(i, e)| e.index() == i));
    assert!(Element::ALL.iter().all(|e| Element::from_code(e.code()) == Some(*e)));
    assert_eq!(Element::from_code("u1"), None);
}
