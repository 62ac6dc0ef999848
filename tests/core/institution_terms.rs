//! When the term of an institution begins, ends and goes on.

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
    assert_eq!(standing(day(2019, 12, 31), &terms), Err(Inactive::NotStarted));
    assert_eq!(standing(day(2020, 1, 1), &terms), Ok(()));
    assert_eq!(standing(day(2024, 12, 31), &terms), Ok(()));
    assert_eq!(standing(day(2025, 1, 1), &terms), Err(Inactive::Lapsed));
    let revoked = [Term {
        revoked_on: Some(day(2022, 6, 1)),
        ..terms[0]
    }];
    assert_eq!(standing(day(2022, 5, 31), &revoked), Ok(()));
    assert_eq!(standing(day(2022, 6, 1), &revoked), Err(Inactive::Revoked));
    assert_eq!(standing(day(2030, 6, 1), &revoked), Err(Inactive::Revoked));
    assert_eq!(standing(day(2022, 6, 1), &[]), Err(Inactive::NotStarted));
    let never = [Term {
        revoked_on: Some(day(2019, 1, 1)),
        ..terms[0]
    }];
    assert_eq!(standing(day(2019, 6, 1), &never), Err(Inactive::Revoked));
}

#[test]
fn renewal_extends_the_term_only_without_a_gap() {
    let (first, second) = (term(day(2020, 1, 1)), term(day(2025, 1, 1)));
    assert_eq!(
        active_until(day(2024, 12, 1), &[first, second]),
        Some(day(2029, 12, 31))
    );
    assert!(expires_soon(day(2024, 12, 1), &[first]) && !expires_soon(day(2024, 12, 1), &[first, second]));
    assert!(!expires_soon(day(2025, 1, 1), &[first]), "lapsed already");
    assert!(expires_soon(day(2024, 10, 2), &[first]) && !expires_soon(day(2024, 10, 1), &[first]));
    let late = term(day(2025, 1, 2));
    assert_eq!(active_until(day(2024, 12, 1), &[first, late]), Some(day(2024, 12, 31)));
    assert_eq!(standing(day(2025, 1, 1), &[first, late]), Err(Inactive::Lapsed));
}
