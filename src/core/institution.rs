//! Village institutions (LKD, Permendagri 18/2018) and the decrees that make them active (DOMAIN section 5).

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::civil;

/// How many days before its end a term is shown as expiring.
pub const WARNING_DAYS: u64 = 90;

/// The term that one Keputusan Kepala Desa gives an institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The first day in force.
    pub starts_on: NaiveDate,
    /// The last day in force, when the decree names it.
    pub ends_on: Option<NaiveDate>,
    /// The day of revocation: the first day on which the decree is not in force.
    pub revoked_on: Option<NaiveDate>,
}

/// Why an institution is not active on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Inactive {
    /// Its latest decree was revoked.
    Revoked,
    /// Its latest decree has run out.
    Lapsed,
    /// No decree has begun, or the institution has no decree.
    NotStarted,
}

impl Term {
    /// Returns the last day of the term, revoked or not: the day in the decree, else start + 5 years - 1 day.
    ///
    /// A term that starts on 29 February gets its full five years: the anniversary is 1 March, the last day
    /// 28 February.
    pub fn last_day(&self) -> NaiveDate {
        self.ends_on.unwrap_or_else(|| {
            let (year, month, day) = (
                self.starts_on.year().saturating_add(5),
                self.starts_on.month(),
                self.starts_on.day(),
            );
            match NaiveDate::from_ymd_opt(year, month, day) {
                Some(anniversary) => anniversary.pred_opt().unwrap_or(anniversary),
                None => civil::day(year, month, day),
            }
        })
    }

    /// Returns whether the decree is revoked on a date. On the day of revocation it is not in force.
    pub fn revoked_by(&self, date: NaiveDate) -> bool {
        self.revoked_on.is_some_and(|revoked| revoked <= date)
    }

    /// Returns whether the decree is in force: start <= day <= end, not revoked.
    pub fn in_force_on(&self, date: NaiveDate) -> bool {
        self.starts_on <= date && date <= self.last_day() && !self.revoked_by(date)
    }

    /// Returns the last day in force, with a revocation considered.
    fn effective_end(&self) -> NaiveDate {
        let before = self.revoked_on.map(|revoked| revoked.pred_opt().unwrap_or(revoked));
        before.map_or(self.last_day(), |before| before.min(self.last_day()))
    }
}

/// Returns whether an institution is active on a date: one of its decrees is in force. Several decrees in force make one
/// active institution.
pub fn active_on(date: NaiveDate, terms: &[Term]) -> bool {
    terms.iter().any(|term| term.in_force_on(date))
}

/// Returns active, or the reason of the decree that began last. If no decree has begun, the reason is `revoked` if all were
/// revoked before they began, else `not_started`.
pub fn standing(date: NaiveDate, terms: &[Term]) -> Result<(), Inactive> {
    if active_on(date, terms) {
        return Ok(());
    }
    let latest = terms
        .iter()
        .filter(|term| term.starts_on <= date)
        .max_by_key(|term| (term.starts_on, term.last_day()));
    Err(match latest {
        Some(term)
            if term
                .revoked_on
                .is_some_and(|revoked| revoked <= date.min(term.last_day())) =>
        {
            Inactive::Revoked
        }
        Some(_) => Inactive::Lapsed,
        None if !terms.is_empty() && terms.iter().all(|term| term.revoked_by(date)) => Inactive::Revoked,
        None => Inactive::NotStarted,
    })
}

/// Returns the last day up to which an active institution stays active without a gap. A renewal that begins in
/// time continues the term. Returns `None` when the institution is not active.
pub fn active_until(date: NaiveDate, terms: &[Term]) -> Option<NaiveDate> {
    let mut until = None;
    let mut next = Some(date);
    while let Some(day) = next {
        let Some(end) = terms
            .iter()
            .filter(|term| term.in_force_on(day))
            .map(Term::effective_end)
            .max()
        else {
            break;
        };
        until = Some(end);
        next = end.succ_opt();
    }
    until
}

/// Returns whether an institution that is active on a date ends within 90 days unless it is renewed.
pub fn expires_soon(date: NaiveDate, terms: &[Term]) -> bool {
    let horizon = date.checked_add_days(Days::new(WARNING_DAYS)).unwrap_or(NaiveDate::MAX);
    active_until(date, terms).is_some_and(|until| until <= horizon)
}
