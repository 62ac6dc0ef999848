//! The term of an institution: its first day, its last day, and its renewal.

use chrono::NaiveDate;
use iku::core::civil::day;
use iku::core::institution::*;

fn term(starts_on: NaiveDate) -> Term {
    Term {
        starts_on,
        ends_on: None,
        revoked_on: None,
    }
}

#[test]
fn a_term_is_five_years_less_a_day() {
    assert_eq!(term(day(2023, 7, 1)).last_day(), day(2028, 6, 30));
    assert_eq!(term(day(2023, 1, 1)).last_day(), day(2027, 12, 31));
    assert_eq!(term(day(2024, 2, 28)).last_day(), day(2029, 2, 27));
    assert_eq!(term(day(2024, 2, 29)).last_day(), day(2029, 2, 28));
    assert_eq!(term(day(2024, 3, 1)).last_day(), day(2029, 2, 28));
    assert_eq!(term(day(2023, 3, 1)).last_day(), day(2028, 2, 29));
    let own = Term {
        ends_on: Some(day(2026, 5, 5)),
        ..term(day(2023, 7, 1))
    };
    assert_eq!(own.last_day(), day(2026, 5, 5));
    term(NaiveDate::MAX).last_day();
}

#[test]
fn the_first_and_the_last_day_count_and_the_day_of_revocation_does_not() {
    let terms = [term(day(2020, 1, 1))];
    assert_eq!(check_active(day(2019, 12, 31), &terms), Err(InactiveReason::NotStarted));
    assert_eq!(check_active(day(2020, 1, 1), &terms), Ok(()));
    assert_eq!(check_active(day(2024, 12, 31), &terms), Ok(()));
    assert_eq!(check_active(day(2025, 1, 1), &terms), Err(InactiveReason::Lapsed));
    let revoked = [Term {
        revoked_on: Some(day(2022, 6, 1)),
        ..terms[0]
    }];
    assert_eq!(check_active(day(2022, 5, 31), &revoked), Ok(()));
    assert_eq!(check_active(day(2022, 6, 1), &revoked), Err(InactiveReason::Revoked));
    assert_eq!(check_active(day(2030, 6, 1), &revoked), Err(InactiveReason::Revoked));
    assert_eq!(check_active(day(2022, 6, 1), &[]), Err(InactiveReason::NotStarted));
    let never = [Term {
        revoked_on: Some(day(2019, 1, 1)),
        ..terms[0]
    }];
    assert_eq!(check_active(day(2019, 6, 1), &never), Err(InactiveReason::Revoked));
}

#[test]
fn renewal_extends_the_term_only_without_a_gap() {
    let (first, second) = (term(day(2020, 1, 1)), term(day(2025, 1, 1)));
    assert_eq!(
        active_until(day(2024, 12, 1), &[first, second]),
        Some(day(2029, 12, 31))
    );
    assert!(is_expiring(day(2024, 12, 1), &[first]) && !is_expiring(day(2024, 12, 1), &[first, second]));
    assert!(!is_expiring(day(2025, 1, 1), &[first]), "lapsed already");
    assert!(is_expiring(day(2024, 10, 2), &[first]) && !is_expiring(day(2024, 10, 1), &[first]));
    let late = term(day(2025, 1, 2));
    assert_eq!(active_until(day(2024, 12, 1), &[first, late]), Some(day(2024, 12, 31)));
    assert_eq!(
        check_active(day(2025, 1, 1), &[first, late]),
        Err(InactiveReason::Lapsed)
    );
}

#[test]
fn an_institution_counted_once_a_decree_was_in_force() {
    let begun = term(day(2020, 1, 1));
    assert!(!was_active_by(day(2019, 12, 31), &[begun]) && was_active_by(day(2020, 1, 1), &[begun]));
    assert!(was_active_by(day(2040, 1, 1), &[begun]));
    let never = Term {
        revoked_on: Some(day(2020, 1, 1)),
        ..begun
    };
    assert!(!was_active_by(day(2040, 1, 1), &[never]) && !was_active_by(day(2040, 1, 1), &[]));
}

fn villages(steps: &[(&str, Option<NaiveDate>)]) -> Vec<Belonging> {
    let steps = steps.iter().map(|(code, from)| Belonging {
        village_code: (*code).to_owned(),
        from: *from,
    });
    steps.collect()
}

#[test]
fn an_institution_belongs_to_its_old_village_before_the_day_of_the_transfer() {
    let day_of = |d| day(2025, 7, d);
    let two = villages(&[("a", None), ("b", Some(day_of(10)))]);
    assert_eq!(village_on(&two, day_of(9)), Some("a"));
    assert_eq!(village_on(&two, day_of(10)), Some("b"));
    assert_eq!(village_on(&[], day_of(10)), None);
    let begun = villages(&[("a", None)]);
    assert_eq!(transfer(&begun, "b", day_of(10)), Ok(two.clone()));
    assert_eq!(transfer(&begun, "a", day_of(10)), Err(TransferFault::SameVillage));
    let three = villages(&[("a", None), ("b", Some(day_of(10))), ("c", Some(day_of(11)))]);
    assert_eq!(transfer(&two, "c", day_of(11)), Ok(three.clone()));
    assert_eq!(transfer(&two, "c", day_of(9)), Err(TransferFault::NotAfter(day_of(10))));
    // The same day corrects the village, the same village corrects the day.
    assert_eq!(
        transfer(&two, "c", day_of(10)),
        Ok(villages(&[("a", None), ("c", Some(day_of(10)))]))
    );
    assert_eq!(
        transfer(&two, "b", day_of(20)),
        Ok(villages(&[("a", None), ("b", Some(day_of(20)))]))
    );
    assert_eq!(transfer(&two, "a", day_of(10)), Ok(begun));
    assert_eq!(
        transfer(&three, "c", day_of(10)),
        Err(TransferFault::NotAfter(day_of(10)))
    );
    assert_eq!(transfer(&three, "b", day_of(11)), Ok(two));
}
