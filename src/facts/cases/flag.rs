//! What is implausible about a case. Such a case is recorded and counts; the list shows it with `flagged=true`.

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::core::civil;
use crate::core::closed_list::closed_list;
use crate::platform::error::Error;

/// A case that was recorded later than this after it occurred is implausible, and perhaps of another year.
const LONG: Months = Months::new(24);

/// A sign that a member of a case may be a typing mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseFlag {
    /// It occurred more than two years before it was recorded.
    OccurredLongAgo,
}
closed_list!(CaseFlag { OccurredLongAgo "occurred_long_ago" });

/// Returns the flags of a case, as they are stored.
pub fn of(occurred_on: NaiveDate, first_recorded_at: DateTime<Utc>) -> String {
    let long_ago = civil::date_of(first_recorded_at).checked_sub_months(LONG);
    let is_long_ago = long_ago.is_some_and(|day| occurred_on < day);
    let flags = is_long_ago.then_some(CaseFlag::OccurredLongAgo.as_str());
    flags.into_iter().collect::<Vec<_>>().join(",")
}

/// Reads stored flags.
pub fn read(stored: &str) -> Result<Vec<CaseFlag>, Error> {
    let codes = stored.split(',').filter(|code| !code.is_empty());
    codes.map(|code| Ok(code.parse()?)).collect()
}
