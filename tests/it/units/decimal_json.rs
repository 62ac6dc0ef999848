//! Exact decimals as JSON numbers.

use iku::core::decimal::{Hundredths, Thousandths};
use iku::platform::decimal_json::*;
use std::fmt;

use proptest::prelude::*;
use serde_json::{from_str, json, to_string};

use iku::platform::http::schema::compile;

/// Returns the shortest text of a number, without floating point.
fn shortest(exact: impl fmt::Display) -> String {
    let text = exact.to_string();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn hundredths_survive(units: i64) {
    let number = Decimal2(Hundredths(units));
    let text = to_string(&number).unwrap();
    assert_eq!(text, shortest(number));
    assert_eq!(from_str::<Decimal2>(&text).unwrap(), number);
    assert_eq!(
        from_str::<Decimal2>(&number.to_string()).unwrap(),
        number,
        "with all places"
    );
}

#[test]
fn every_hundredth_of_the_usual_range_survives() {
    (-20_000..=200_000).for_each(hundredths_survive);
    (99_999_990_000..=100_000_000_000).for_each(hundredths_survive);
}

proptest! {
    #[test]
    fn large_numbers_survive(units in -999_999_999_999_999_i64..=999_999_999_999_999) {
        hundredths_survive(units);
        let number = Decimal3(Thousandths(units));
        let text = to_string(&number).unwrap();
        prop_assert_eq!(&text, &shortest(number));
        prop_assert_eq!(from_str::<Decimal3>(&text).unwrap(), number);
    }

    #[test]
    fn the_schema_allows_only_numbers_with_two_decimals(units in 0_i64..=1_000_000_000_000) {
        let hundredths = compile(&json!({"type": "number", "x-max-decimals": 2})).unwrap();
        let number: serde_json::Value = from_str(&Thousandths(units).to_string()).unwrap();
        prop_assert_eq!(hundredths.is_valid(&number), units % 10 == 0, "{}", number);
    }
}

#[test]
fn rejects_values_that_are_not_decimals_with_two_places() {
    for bad in [
        "1.005",
        "0.001",
        "1e-9",
        "1e300",
        "\"1.00\"",
        "null",
        "true",
        "[]",
        "18446744073709551615",
    ] {
        assert!(from_str::<Decimal2>(bad).is_err(), "{bad}");
    }
    assert_eq!(from_str::<Decimal2>("1e2").unwrap(), Decimal2(Hundredths(10_000)));
    assert_eq!(from_str::<Decimal2>("-0.0").unwrap(), Decimal2(Hundredths(0)));
}
