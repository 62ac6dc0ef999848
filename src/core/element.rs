//! The nine elements of Permen PANRB 14/2017, their answers, and the active elements of a survey (DOMAIN section 4).

use std::num::{NonZeroU16, NonZeroU32};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The nine elements (unsur) of service quality, in the order of the standard form. Answers are keyed by these codes,
/// never by U-numbers, which differ between the regulation's list and its questionnaire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ServiceElement)]
pub enum Element {
    Persyaratan,
    Prosedur,
    Waktu,
    Biaya,
    Produk,
    Kompetensi,
    Perilaku,
    Sarana,
    Pengaduan,
}

impl Element {
    pub const ALL: [Self; 9] = [
        Self::Persyaratan,
        Self::Prosedur,
        Self::Waktu,
        Self::Biaya,
        Self::Produk,
        Self::Kompetensi,
        Self::Perilaku,
        Self::Sarana,
        Self::Pengaduan,
    ];

    /// Returns the code that keys the answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Persyaratan => "persyaratan",
            Self::Prosedur => "prosedur",
            Self::Waktu => "waktu",
            Self::Biaya => "biaya",
            Self::Produk => "produk",
            Self::Kompetensi => "kompetensi",
            Self::Perilaku => "perilaku",
            Self::Sarana => "sarana",
            Self::Pengaduan => "pengaduan",
        }
    }

    /// Returns the element with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|element| element.code() == code)
    }

    /// Returns the position in the standard form, from 0.
    pub fn index(self) -> usize {
        self as usize
    }
}

/// One answer, 1 (worst) to 4 (best).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Score(u8);

impl Score {
    /// Returns `None` outside 1..=4.
    pub fn new(value: u8) -> Option<Self> {
        (1..=4).contains(&value).then_some(Self(value))
    }

    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Score {
    type Error = &'static str;

    fn try_from(value: u8) -> Result<Self, &'static str> {
        Self::new(value).ok_or("an answer is 1, 2, 3 or 4")
    }
}

impl From<Score> for u8 {
    fn from(score: Score) -> Self {
        score.0
    }
}

/// The active elements of a survey, at least one of the nine. Their mean is the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ActiveElements(NonZeroU16);

impl ActiveElements {
    /// All nine.
    pub const ALL: Self = Self(match NonZeroU16::new(0b1_1111_1111) {
        Some(all) => all,
        None => NonZeroU16::MIN,
    });

    /// Returns all nine without these. A repeated element is allowed. Returns `None` when no element is left.
    pub fn without(inactive: impl IntoIterator<Item = Element>) -> Option<Self> {
        let bits = inactive
            .into_iter()
            .fold(Self::ALL.0.get(), |bits, element| bits & !(1 << element.index()));
        NonZeroU16::new(bits).map(Self)
    }

    pub fn contains(self, element: Element) -> bool {
        self.0.get() & (1 << element.index()) != 0
    }

    /// Returns the number of active elements, 1..=9.
    pub fn count(self) -> NonZeroU32 {
        self.0.count_ones()
    }

    /// Iterates in the order of the standard form.
    pub fn iter(self) -> impl Iterator<Item = Element> {
        Element::ALL.into_iter().filter(move |element| self.contains(*element))
    }

    /// Returns the elements that are active in either set.
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the number of active elements that a response must answer: 5, or all when fewer are active.
    pub fn answers_needed(self) -> u32 {
        self.count().get().min(5)
    }

    /// Returns whether a response with answers to these elements is accepted. Answers to inactive elements do not
    /// count.
    pub fn can_accept(self, answered: impl IntoIterator<Item = Element>) -> bool {
        let bits = answered
            .into_iter()
            .fold(0, |bits: u16, element| bits | (1 << element.index()));
        (bits & self.0.get()).count_ones() >= self.answers_needed()
    }
}
