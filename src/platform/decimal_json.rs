//! Exact decimals as JSON numbers.
//!
//! The core's decimals are integers of hundredths or thousandths. JSON numbers are written from them through the
//! shortest decimal that a double can hold; up to 15 significant digits that decimal is the exact one, and no figure of
//! this service is longer. They are read through the same shortest text, so nothing is computed in floating point.

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
                deserializer.deserialize_any(DecimalVisitor($exact::parse)).map(Self)
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
struct DecimalVisitor<T>(fn(&str) -> Result<T, DecimalError>);

impl<T> DecimalVisitor<T> {
    fn read<E: de::Error>(self, number: impl fmt::Display) -> Result<T, E> {
        (self.0)(&number.to_string()).map_err(E::custom)
    }
}

impl<T> Visitor<'_> for DecimalVisitor<T> {
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
