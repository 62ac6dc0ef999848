//! What is doubtful about an answer. Nothing of it costs the answer; officers see it and decide. An answer of a survey link that
//! has one of the flags [`HOLDING`] is held until then.

use serde::Serialize;
use utoipa::ToSchema;

use crate::core::closed_list::closed_list;

/// A reason to look at an answer again. An answer with flags counts as any other, but that of a survey link is held if its flag
/// says so.
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
    /// Of a survey link: more answers in the hour than its budget, or in the day than its quota. Held.
    OverBudget,
    /// Of a survey link: filled in within 15 seconds, or it does not say when the form was opened. Held.
    FilledFast,
    /// Of a survey link: the same scores as the answer before it, within 60 seconds by `answered_at`. Held.
    SameAsBefore,
    /// Of a survey link that requires slips: given without one. Held.
    NoSlip,
    /// Of a survey link that had ended, or was switched off, when the answer arrived. Held.
    LinkEnded,
}
closed_list!(ResponseFlag {
    ClockImplausible "clock_implausible",
    AnsweredAtReplaced "answered_at_replaced",
    ProfileDropped "profile_dropped",
    ServiceDropped "service_dropped",
    VillageDropped "village_dropped",
    CommentCut "comment_cut",
    EqualAnswers "equal_answers",
    OverBudget "over_budget",
    FilledFast "filled_fast",
    SameAsBefore "same_as_before",
    NoSlip "no_slip",
    LinkEnded "link_ended",
});

/// What holds an answer of a survey link.
pub const HOLDING: [ResponseFlag; 6] = [
    ResponseFlag::EqualAnswers,
    ResponseFlag::OverBudget,
    ResponseFlag::FilledFast,
    ResponseFlag::SameAsBefore,
    ResponseFlag::NoSlip,
    ResponseFlag::LinkEnded,
];

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

    /// Returns whether an answer of a survey link with these flags is held.
    pub fn holds(self) -> bool {
        HOLDING.into_iter().any(|flag| self.has(flag))
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
