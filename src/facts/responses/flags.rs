//! What is doubtful about an answer. Nothing of it costs the answer; officers see it and decide.

use serde::Serialize;
use utoipa::ToSchema;

use crate::core::closed_list::closed_list;

/// A reason to look at an answer again. An answer with flags counts as any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseFlag {
    /// `answered_at` is after the receipt, before the survey, or more than 400 days old; or the device's clock was more than
    /// 10 minutes off when it sent a batch.
    ClockImplausible,
    /// `answered_at` could not be read: the instant of the receipt is in its place.
    AnsweredAtReplaced,
    /// A statement of the respondent was not understood and is absent.
    ProfileDropped,
    /// The service was not understood and is absent.
    ServiceDropped,
    /// The village was unknown and is absent.
    VillageDropped,
    /// The comment was too long or could not be read in full.
    CommentCut,
    /// One of ten or more answers of one device with the same nine scores within an hour, by `answered_at`.
    EqualAnswers,
}
closed_list!(ResponseFlag {
    ClockImplausible "clock_implausible",
    AnsweredAtReplaced "answered_at_replaced",
    ProfileDropped "profile_dropped",
    ServiceDropped "service_dropped",
    VillageDropped "village_dropped",
    CommentCut "comment_cut",
    EqualAnswers "equal_answers",
});

impl ResponseFlag {
    /// Returns the bit that stands for the flag in the database.
    pub const fn bit(self) -> i16 {
        1 << self as i16
    }
}

/// A set of flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(i16);

impl Flags {
    pub fn add(&mut self, flag: ResponseFlag) {
        self.0 |= flag.bit();
    }

    #[must_use]
    pub fn with(self, flag: ResponseFlag, is_set: bool) -> Self {
        if is_set { Self(self.0 | flag.bit()) } else { self }
    }

    pub fn has(self, flag: ResponseFlag) -> bool {
        self.0 & flag.bit() != 0
    }

    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the form of the database.
    pub fn bits(self) -> i16 {
        self.0
    }

    pub fn from_bits(bits: i16) -> Self {
        Self(bits)
    }

    /// Returns the flags in their order.
    pub fn list(self) -> Vec<ResponseFlag> {
        ResponseFlag::ALL.into_iter().filter(|flag| self.has(*flag)).collect()
    }
}
