//! Exact decimals as JSON numbers.
//!
//! The core's decimals are integers of hundredths or thousandths. JSON numbers are written from them through
//! the shortest decimal that a double can hold; up to 15 significant digits that decimal is the exact one, and
//! no figure of this service is longer. They are read back through that same shortest text, so nothing is ever
//! computed in floating point.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::ser::{self, Serializer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::core::decimal::{DecimalError, Hundredths, Thousandths};

macro_rules! json_number {
    ($(#[$meta:meta])* $name:ident of $exact:ident, $units_per_one:literal) => {
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
        $(#[$meta])*
        pub struct $name(pub $exact);

        impl From<$exact> for $name {
            fn from(exact: $exact) -> Self {
                Self(exact)
            }
        }

        impl From<$name> for $exact {
            fn from(number: $name) -> Self {
                number.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $exact(units) = self.0;
                if units % $units_per_one == 0 {
                    return serializer.serialize_i64(units / $units_per_one);
                }
                let nearest = self.0.to_string().parse().map_err(ser::Error::custom)?;
                serializer.serialize_f64(nearest)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Shortest($exact::parse)).map(Self)
            }
        }
    };
}

json_number! {
    /// A number with at most 2 decimals, exact.
    #[schema(value_type = f64, multiple_of = 0.01, example = 78.57)]
    Decimal2 of Hundredths, 100
}
json_number! {
    /// A number with at most 3 decimals, exact.
    #[schema(value_type = f64, multiple_of = 0.001, example = 3.448)]
    Decimal3 of Thousandths, 1000
}

/// Reads the shortest decimal text of a JSON number.
struct Shortest<T>(fn(&str) -> Result<T, DecimalError>);

impl<T> Shortest<T> {
    fn read<E: de::Error>(self, number: impl fmt::Display) -> Result<T, E> {
        (self.0)(&number.to_string()).map_err(E::custom)
    }
}

impl<T> Visitor<'_> for Shortest<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        self.read(number)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        self.read(number)
    }

    /// `Display` of a double is its shortest decimal, never with an exponent.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<T, E> {
        self.read(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{from_str, json, to_string};

    use super::*;
    use crate::platform::http::schema::compile;

    /// The shortest way to write it, made without floating point.
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
        fn the_schema_allows_just_these_numbers(units in 0_i64..=1_000_000_000_000) {
            let hundredths = compile(&json!({"type": "number", "x-max-decimals": 2})).unwrap();
            let number: serde_json::Value = from_str(&Thousandths(units).to_string()).unwrap();
            prop_assert_eq!(hundredths.is_valid(&number), units % 10 == 0, "{}", number);
        }
    }

    #[test]
    fn what_is_no_such_number_is_refused() {
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
}
