//! Decimals for displayed numbers and for targets, stored as whole numbers of their smallest unit.

use std::fmt;
use std::str::FromStr;

/// The reason why a text is not a valid decimal of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Not `-?digits[.digits]`: an exponent, a sign `+`, a comma, blanks, a leading zero, an empty text.
    NotADecimal,
    /// More decimals than the type has.
    TooManyDecimals,
    /// Outside the range of the type.
    OutOfRange,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotADecimal => "not a decimal number",
            Self::TooManyDecimals => "too many decimals",
            Self::OutOfRange => "out of range",
        })
    }
}

impl std::error::Error for DecimalError {}

/// Returns `text` in units of `10^-places`.
fn parse_units(text: &str, places: usize) -> Result<i64, DecimalError> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = unsigned.split_once('.').map_or((unsigned, None), |(w, d)| (w, Some(d)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if !digits(whole) || leading_zero || decimals.is_some_and(|d| !digits(d)) {
        return Err(DecimalError::NotADecimal);
    }
    let decimals = decimals.unwrap_or_default();
    if decimals.len() > places {
        return Err(DecimalError::TooManyDecimals);
    }
    let sign = if unsigned.len() < text.len() { "-" } else { "" };
    format!("{sign}{whole}{decimals:0<places$}")
        .parse()
        .map_err(|_| DecimalError::OutOfRange)
}

fn write_units(units: i64, places: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (size, scale) = (units.unsigned_abs(), 10_u64.pow(places));
    let sign = if units < 0 { "-" } else { "" };
    write!(
        f,
        "{sign}{}.{:0width$}",
        size / scale,
        size % scale,
        width = places as usize
    )
}

macro_rules! decimal {
    ($(#[$doc:meta])* $name:ident, $places:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            /// The number of decimals.
            pub const PLACES: u32 = $places;

            /// Parses `-?digits[.digits]` exactly, without exponent. [`DecimalError`] lists the refused forms.
            pub fn parse(text: &str) -> Result<Self, DecimalError> {
                parse_units(text, $places).map(Self)
            }
        }

        impl FromStr for $name {
            type Err = DecimalError;

            fn from_str(text: &str) -> Result<Self, DecimalError> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_units(self.0, $places, f)
            }
        }
    };
}

decimal!(
    /// A decimal with 2 places, stored as a whole number of hundredths: 78.57 is `Hundredths(7857)`.
    Hundredths,
    2
);
decimal!(
    /// A decimal with 3 places, stored as a whole number of thousandths: 3.448 is `Thousandths(3448)`.
    Thousandths,
    3
);
