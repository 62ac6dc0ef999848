//! Villages and the dates on which they exist (DOMAIN section 2).

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::civil;
use super::closed_list::closed_list;

/// The kind of a village. Only a desa has LPPD, BPD, APB Desa and Keputusan Kepala Desa, so only desa count in
/// IKU 2, 4 and 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VillageKind {
    Desa,
    Kelurahan,
}
closed_list!(VillageKind { Desa "desa", Kelurahan "kelurahan" });

/// A village, as far as the formulas need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Village {
    /// The Kemendagri code, `63.11.06.2001`.
    pub code: String,
    pub kind: VillageKind,
    /// The first day of its existence; `None`: unbounded.
    pub valid_from: Option<NaiveDate>,
    /// The last day of its existence; `None`: unbounded.
    pub valid_to: Option<NaiveDate>,
}

impl Village {
    /// Returns whether it exists on a date. First and last day are included.
    pub fn exists_on(&self, date: NaiveDate) -> bool {
        self.valid_from.is_none_or(|first| first <= date) && self.valid_to.is_none_or(|last| date <= last)
    }
}

/// Returns whether the values that are measured on a day differ between two states of a village; `None`: it is not there.
pub fn moves(before: Option<&Village>, after: Option<&Village>, date: NaiveDate) -> bool {
    // A desa counts on the days of its life, and owes what falls due from its first day on.
    let owes_from = |village: Option<&Village>| {
        let counted = village.filter(|v| v.kind == VillageKind::Desa && v.exists_on(date));
        counted.map(|v| v.valid_from.max(Some(civil::day(date.year(), 1, 1))))
    };
    owes_from(before) != owes_from(after)
}

/// Returns the desa that exist on a date, in the given order.
pub fn desa_on(villages: &[Village], date: NaiveDate) -> impl Iterator<Item = &Village> {
    villages
        .iter()
        .filter(move |village| village.kind == VillageKind::Desa && village.exists_on(date))
}

/// Returns the day on which stocks and denominators are measured: the window's last day, or the as-of day when that is
/// earlier.
pub fn measuring_date(window_to: NaiveDate, as_of_day: NaiveDate) -> NaiveDate {
    window_to.min(as_of_day)
}
