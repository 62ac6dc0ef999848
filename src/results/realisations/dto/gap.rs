//! The gap between a value and a target.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{JudgedRecord, Realisation};
use crate::core::achievement::Polarity;
use crate::core::decimal::Hundredths;
use crate::core::exact::Exact;
use crate::core::formula::gap::{self, Need};
use crate::platform::decimal_json::Decimal2;
use crate::platform::http::Page;

/// The gap between a realisation and a target.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RealisationGap)]
pub struct Gap {
    pub realisation: Realisation,
    pub target: Decimal2,
    /// Whether the unrounded value is at least the target; where lower is better, at most.
    pub reached: bool,
    /// Whether the `items` can bring the value to the target.
    pub reachable: bool,
    /// How many of the `items` must contribute; where lower is better, how many must no longer. More than there are: the target
    /// is out of reach, or of a count the others must be new. Null for an index, and where there is nothing to divide by.
    #[schema(required, minimum = 0, maximum = 9007199254740991_i64, example = 3)]
    pub needed: Option<u64>,
    /// Of an index: the mean that the surveys of the `items` need, rounded up to 2 decimals; where lower is better, the highest
    /// mean, rounded down.
    #[schema(required)]
    pub needed_mean: Option<Decimal2>,
    /// The mean before rounding, as a reduced fraction.
    #[schema(required, max_length = 10000, example = "250/3")]
    pub needed_mean_exact: Option<String>,
    /// In the caller's language.
    #[schema(max_length = 500, example = "3 dari 6 laporan yang belum disampaikan harus masuk.")]
    pub text: String,
    /// The records and obligations whose verdict can still change.
    #[schema(max_items = 100)]
    pub items: Vec<JudgedRecord>,
    #[schema(required, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// All rows of the list; only with `count=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 9007199254740991_i64)]
    pub total: Option<u64>,
}

impl Gap {
    pub fn new(
        realisation: Realisation,
        target: Hundredths,
        polarity: Polarity,
        gap: &gap::Gap,
        text: String,
        page: Page<JudgedRecord>,
    ) -> Self {
        let (needed, mean) = match &gap.need {
            Need::Nothing => (Some(0), None),
            Need::Candidates(n) => (Some(*n), None),
            Need::Mean(mean) => (None, Some(mean)),
            Need::Unreachable(n) => (*n, None),
        };
        let hundredths = mean.map(|mean| mean.times(100));
        let rounded = hundredths.map(|mean| match polarity {
            Polarity::HigherIsBetter => mean.ceil(),
            Polarity::LowerIsBetter => mean.floor(),
        });
        Self {
            realisation,
            target: target.into(),
            reached: gap.need == Need::Nothing,
            reachable: !matches!(gap.need, Need::Unreachable(_)),
            needed,
            needed_mean: rounded.map(|mean| Hundredths(mean).into()),
            needed_mean_exact: mean.map(Exact::to_fraction_string),
            text,
            items: page.items,
            next_cursor: page.next_cursor,
            total: page.total,
        }
    }
}

/// The target of a gap.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GapTarget {
    /// In the unit of the indicator; at most 2 decimals.
    #[param(value_type = f64, minimum = 0, maximum = 1_000_000_000, multiple_of = 0.01, example = 90)]
    pub target: Decimal2,
}
