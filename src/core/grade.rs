//! The grade of a service quality index (Permen PANRB 14/2017, DOMAIN section 4).

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::closed_list::closed_list;
use super::exact::Hundredths;

/// Service quality ("mutu pelayanan").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub enum Grade {
    A,
    B,
    C,
    D,
}
closed_list!(Grade { A "A", B "B", C "C", D "D" });

/// An index outside 25..100. It has no grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutsideScale(pub Hundredths);

impl fmt::Display for OutsideScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the index {} lies outside 25..100", self.0)
    }
}

impl std::error::Error for OutsideScale {}

impl Grade {
    /// Returns the grade of an index (25..100) that is already rounded to 2 decimals. The bands have gaps of 0.01
    /// between them, so an unrounded value may have no grade.
    pub fn of(index: Hundredths) -> Result<Self, OutsideScale> {
        match index.0 {
            8831..=10000 => Ok(Self::A),
            7661..8831 => Ok(Self::B),
            6500..7661 => Ok(Self::C),
            2500..6500 => Ok(Self::D),
            _ => Err(OutsideScale(index)),
        }
    }

    /// Returns the words of the regulation.
    pub fn label(self) -> &'static str {
        match self {
            Self::A => "Sangat Baik",
            Self::B => "Baik",
            Self::C => "Kurang Baik",
            Self::D => "Tidak Baik",
        }
    }
}
