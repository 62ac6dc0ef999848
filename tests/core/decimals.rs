//! The text of decimals.

use iku::core::decimal::*;

#[test]
fn decimals_parse_only_what_they_write() {
    for text in ["0.00", "78.57", "-0.01", "-12.30", "1000000000.00"] {
        assert_eq!(Hundredths::parse(text).unwrap().to_string(), text);
    }
    assert_eq!(Hundredths::parse("90"), Ok(Hundredths(9000)));
    assert_eq!(Hundredths::parse("90.5"), Ok(Hundredths(9050)));
    assert_eq!(Thousandths::parse("3.448"), Ok(Thousandths(3448)));
    assert_eq!(Hundredths::parse("1.234"), Err(DecimalError::TooManyDecimals));
    assert_eq!(Hundredths::parse("99999999999999999999"), Err(DecimalError::OutOfRange));
    for text in [
        "", "-", ".5", "5.", "1e2", "+1", "1,5", " 1", "01", "--1", "1.-5", "٣", "NaN",
    ] {
        assert_eq!(Hundredths::parse(text), Err(DecimalError::NotADecimal), "{text}");
    }
}
