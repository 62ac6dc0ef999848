//! Village institutions (LKD, Permendagri 18/2018) and the decrees that make them active (DOMAIN section 5).

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::civil;

/// The number of days before its end in which a term counts as expiring.
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

/// A village to which an institution belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belonging {
    pub village_code: String,
    /// The first day, which is that of a transfer; `None`: from the beginning.
    pub from: Option<NaiveDate>,
}

/// The reason why a transfer is impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferFault {
    /// The institution belongs to that village already.
    SameVillage,
    /// The transfer is not later than an earlier one, which took effect on this day.
    NotAfter(NaiveDate),
}

/// The reason why an institution is not active on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InactiveReason {
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
    pub fn is_revoked_by(&self, date: NaiveDate) -> bool {
        self.revoked_on.is_some_and(|revoked| revoked <= date)
    }

    /// Returns whether the decree is in force: start <= day <= end, not revoked.
    pub fn is_in_force_on(&self, date: NaiveDate) -> bool {
        self.starts_on <= date && date <= self.last_day() && !self.is_revoked_by(date)
    }

    /// Returns the last day in force, with a revocation considered.
    fn effective_end(&self) -> NaiveDate {
        let before = self.revoked_on.map(|revoked| revoked.pred_opt().unwrap_or(revoked));
        before.map_or(self.last_day(), |before| before.min(self.last_day()))
    }
}

/// Returns whether an institution is active on a date: one of its decrees is in force. Several decrees in force make one
/// active institution.
pub fn is_active_on(date: NaiveDate, terms: &[Term]) -> bool {
    terms.iter().any(|term| term.is_in_force_on(date))
}

/// Returns `Ok` for an active institution, else the reason of the decree that began last. If no decree has begun, the
/// reason is `revoked` if all were revoked before they began, else `not_started`.
pub fn check_active(date: NaiveDate, terms: &[Term]) -> Result<(), InactiveReason> {
    if is_active_on(date, terms) {
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
            InactiveReason::Revoked
        }
        Some(_) => InactiveReason::Lapsed,
        None if !terms.is_empty() && terms.iter().all(|term| term.is_revoked_by(date)) => InactiveReason::Revoked,
        None => InactiveReason::NotStarted,
    })
}

/// Returns whether an institution was active on a date or on some day before it.
pub fn was_active_by(date: NaiveDate, terms: &[Term]) -> bool {
    let first_days = terms.iter().map(|term| (term, term.starts_on));
    let mut begun = first_days.filter(|(_, first)| *first <= date);
    begun.any(|(term, first)| term.is_in_force_on(first))
}

/// Returns the last day up to which an active institution stays active without a gap. A renewal that begins in
/// time continues the term. Returns `None` when the institution is not active.
pub fn active_until(date: NaiveDate, terms: &[Term]) -> Option<NaiveDate> {
    let mut until = None;
    let mut next = Some(date);
    while let Some(day) = next {
        let Some(end) = terms
            .iter()
            .filter(|term| term.is_in_force_on(day))
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
pub fn is_expiring(date: NaiveDate, terms: &[Term]) -> bool {
    let horizon = date.checked_add_days(Days::new(WARNING_DAYS)).unwrap_or(NaiveDate::MAX);
    active_until(date, terms).is_some_and(|until| until <= horizon)
}

/// Returns the village to which an institution belongs on a date. `villages` is in the order of the transfers, and begins
/// with the village of the beginning.
pub fn village_on(villages: &[Belonging], date: NaiveDate) -> Option<&str> {
    let mut since = villages.iter().rev();
    let on_date = since.find(|village| village.from.is_none_or(|from| from <= date));
    on_date.map(|village| village.village_code.as_str())
}

/// Returns the villages of an institution that passes to another village on a day. A transfer on the day of the last one
/// corrects its village, and a transfer to the village of the last one corrects its day.
pub fn transfer(villages: &[Belonging], to: &str, from: NaiveDate) -> Result<Vec<Belonging>, TransferFault> {
    let new = Belonging {
        village_code: to.to_owned(),
        from: Some(from),
    };
    let Some((last, earlier)) = villages.split_last() else {
        return Ok(vec![new]);
    };
    let Some(last_day) = last.from else {
        return match last.village_code == to {
            true => Err(TransferFault::SameVillage),
            false => Ok(vec![last.clone(), new]),
        };
    };
    let corrects = last_day == from || last.village_code == to;
    let (kept, after) = match corrects {
        true => (earlier, earlier.last().and_then(|village| village.from)),
        false => (villages, Some(last_day)),
    };
    if let Some(day) = after.filter(|day| from <= *day) {
        return Err(TransferFault::NotAfter(day));
    }
    let stays = kept.last().is_some_and(|village| village.village_code == to);
    Ok(kept.iter().cloned().chain((!stays).then_some(new)).collect())
}
