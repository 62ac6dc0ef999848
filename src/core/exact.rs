//! Exact fractions, rounded only once, for display (DOMAIN section 4).

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroU32;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

pub use super::decimal::{DecimalError, Hundredths, Thousandths};

/// An exact rational number of any size.
///
/// The fraction is reduced only when it is written: a greatest common divisor at every step costs far more than longer
/// numbers. Equality and order compare the values, not the two integers.
#[derive(Clone, Debug)]
pub struct Exact {
    numerator: BigInt,
    /// Always positive.
    denominator: BigInt,
}

impl Exact {
    /// Returns `n / d`, or `None` when `d` is 0.
    pub fn ratio(n: u64, d: u64) -> Option<Self> {
        (d > 0).then(|| Self {
            numerator: n.into(),
            denominator: d.into(),
        })
    }

    /// Reads the fraction that [`Self::to_fraction_string`] writes.
    pub fn from_fraction_string(text: &str) -> Option<Self> {
        let (numerator, denominator) = text.split_once('/')?;
        let (numerator, denominator): (BigInt, BigInt) = (numerator.parse().ok()?, denominator.parse().ok()?);
        denominator.is_positive().then_some(Self { numerator, denominator })
    }

    /// Returns a whole number.
    pub fn integer(n: u64) -> Self {
        Self {
            numerator: n.into(),
            denominator: 1.into(),
        }
    }

    /// Returns the sum; 0 for an empty sequence.
    pub fn sum(terms: impl IntoIterator<Item = Self>) -> Self {
        terms.into_iter().fold(Self::integer(0), |sum, term| sum.plus(&term))
    }

    /// Returns the plain mean, or `None` for an empty sequence.
    pub fn mean(terms: impl IntoIterator<Item = Self>) -> Option<Self> {
        let (mut sum, mut count) = (Self::integer(0), 0_u64);
        for term in terms {
            sum = sum.plus(&term);
            count += 1;
        }
        (count > 0).then(|| Self {
            numerator: sum.numerator,
            denominator: sum.denominator * count,
        })
    }

    /// `self + other`.
    pub fn plus(&self, other: &Self) -> Self {
        if self.denominator == other.denominator {
            // In most surveys all elements have the same number of answers, so the numbers stay short.
            return Self {
                numerator: &self.numerator + &other.numerator,
                denominator: self.denominator.clone(),
            };
        }
        let numerator: BigInt = &self.numerator * &other.denominator + &other.numerator * &self.denominator;
        Self {
            numerator,
            denominator: &self.denominator * &other.denominator,
        }
    }

    /// `self - other`, which may be negative.
    pub fn minus(&self, other: &Self) -> Self {
        let numerator: BigInt = &self.numerator * &other.denominator - &other.numerator * &self.denominator;
        Self {
            numerator,
            denominator: &self.denominator * &other.denominator,
        }
    }

    /// `self x factor`.
    pub fn times(&self, factor: u32) -> Self {
        Self {
            numerator: &self.numerator * factor,
            denominator: self.denominator.clone(),
        }
    }

    /// `self x other`.
    pub fn multiplied_by(&self, other: &Self) -> Self {
        Self {
            numerator: &self.numerator * &other.numerator,
            denominator: &self.denominator * &other.denominator,
        }
    }

    /// `self / count`.
    pub fn over(&self, count: NonZeroU32) -> Self {
        Self {
            numerator: self.numerator.clone(),
            denominator: &self.denominator * count.get(),
        }
    }

    /// Returns `self / divisor`, or `None` when the divisor is 0.
    pub fn divided_by(&self, divisor: &Self) -> Option<Self> {
        if divisor.numerator.is_zero() {
            return None;
        }
        let numerator: BigInt = &self.numerator * &divisor.denominator;
        let denominator: BigInt = &self.denominator * &divisor.numerator;
        Some(if denominator.is_negative() {
            Self {
                numerator: -numerator,
                denominator: -denominator,
            }
        } else {
            Self { numerator, denominator }
        })
    }

    /// Returns the value in units of `10^-places`, rounded half up: the largest whole number of units not above `self + half a unit`
    /// (so -0.125 becomes -0.12).
    ///
    /// Saturates at the ends of `i64`. Every index, percentage and count is far smaller: an achievement in hundredths
    /// of a percent against the smallest target, 0.01, would need 9 x 10^12 institutions.
    pub fn round_half_up(&self, places: u32) -> i64 {
        let scaled: BigInt = &self.numerator * BigInt::from(10).pow(places);
        let doubled: BigInt = scaled * 2 + &self.denominator;
        let rounded = doubled.div_floor(&(&self.denominator * 2));
        saturated(&rounded)
    }

    /// Returns the smallest whole number that is not below the value. Saturates at the ends of `i64`.
    pub fn ceil(&self) -> i64 {
        saturated(&self.numerator.div_ceil(&self.denominator))
    }

    /// Returns the largest whole number that is not above the value. Saturates at the ends of `i64`.
    pub fn floor(&self) -> i64 {
        saturated(&self.numerator.div_floor(&self.denominator))
    }

    /// Returns the value rounded half up to 2 decimals.
    pub fn to_hundredths(&self) -> Hundredths {
        Hundredths(self.round_half_up(2))
    }

    /// Returns the value rounded half up to 3 decimals.
    pub fn to_thousandths(&self) -> Thousandths {
        Thousandths(self.round_half_up(3))
    }

    /// Returns the reduced fraction, always with its denominator: `226675/2646`, `96/1`.
    pub fn to_fraction_string(&self) -> String {
        let divisor = self.numerator.gcd(&self.denominator);
        format!("{}/{}", &self.numerator / &divisor, &self.denominator / &divisor)
    }
}

fn saturated(whole: &BigInt) -> i64 {
    let end = if whole.is_negative() { i64::MIN } else { i64::MAX };
    whole.to_i64().unwrap_or(end)
}

/// Writes the reduced fraction, as in [`Exact::to_fraction_string`].
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_fraction_string())
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Exact {}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }
}

impl From<Hundredths> for Exact {
    fn from(decimal: Hundredths) -> Self {
        Self {
            numerator: decimal.0.into(),
            denominator: 100.into(),
        }
    }
}

impl From<Thousandths> for Exact {
    fn from(decimal: Thousandths) -> Self {
        Self {
            numerator: decimal.0.into(),
            denominator: 1000.into(),
        }
    }
}
