//! The same rules in another form: long division on digits and lists of days. This code is slow and obvious on purpose.

use chrono::{Datelike, NaiveDate};
use proptest::test_runner::Config;

/// Ten thousand cases for every property.
pub fn cases() -> Config {
    Config {
        failure_persistence: None,
        ..Config::with_cases(10_000)
    }
}

/// Returns `n / d` as a decimal text with `places` decimals by long division; the first omitted digit decides.
pub fn long_division(n: i128, d: i128, places: usize) -> String {
    assert!(d > 0);
    // Half up rounds towards the larger number, so a negative magnitude grows only above the half.
    let (negative, n) = (n < 0, n.unsigned_abs());
    let d = d.unsigned_abs();
    let mut digits = (n / d).to_string();
    let mut rest = n % d;
    let digit = |rest: &mut u128| {
        *rest *= 10;
        let digit = *rest / d;
        *rest %= d;
        digit as u8
    };
    for _ in 0..places {
        digits.push((b'0' + digit(&mut rest)) as char);
    }
    let next = digit(&mut rest);
    let up = if negative {
        next > 5 || (next == 5 && rest > 0)
    } else {
        next >= 5
    };
    let digits = if up { increment(&digits) } else { digits };
    let (whole, decimals) = digits.split_at(digits.len() - places);
    let sign = if negative && digits.bytes().any(|b| b != b'0') {
        "-"
    } else {
        ""
    };
    if places == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{decimals}")
    }
}

fn increment(digits: &str) -> String {
    let mut bytes = digits.as_bytes().to_vec();
    for byte in bytes.iter_mut().rev() {
        if *byte < b'9' {
            *byte += 1;
            return String::from_utf8(bytes).unwrap();
        }
        *byte = b'0';
    }
    format!("1{}", String::from_utf8(bytes).unwrap())
}

/// Returns every day of a year, month by month until a day does not exist.
pub fn days(year: i32) -> Vec<NaiveDate> {
    (1..=12)
        .flat_map(|m| (1..).map_while(move |d| NaiveDate::from_ymd_opt(year, m, d)))
        .collect()
}

/// Returns the last day of a month by trying the days.
pub fn last_of_month(year: i32, month: u32) -> NaiveDate {
    days(year).into_iter().rfind(|day| day.month() == month).unwrap()
}

#[test]
fn long_division_rounds_half_up() {
    for (n, d, places, text) in [
        (1, 8, 2, "0.13"),
        (-1, 8, 2, "-0.12"),
        (-126, 1000, 2, "-0.13"),
        (999_999, 1000, 2, "1000.00"),
        (-1, 1000, 2, "0.00"),
        (7, 2, 0, "4"),
        (0, 5, 3, "0.000"),
    ] {
        assert_eq!(long_division(n, d, places), text);
    }
}
