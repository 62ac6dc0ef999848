//! Reading targets. A target is stored under the canonical name of its period, so that equivalent periods find it.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::target::{Column as C, Entity as Targets, Model};

use crate::core::period::{Period, PeriodKind};
use crate::platform::db::versions::{self, known_at};
use crate::platform::error::Error;

/// Returns the target of an indicator for a period, in any of its equivalent spellings, as known at an instant
/// (`None`: now). A month that ends no quarter has no target.
pub async fn find(
    conn: &impl ConnectionTrait,
    code: &str,
    period: Period,
    at: Option<DateTime<Utc>>,
) -> Result<Option<Model>, Error> {
    match period.target_period() {
        Some(name) => versions::find::<Targets>(conn, by_key(code, name), at).await,
        None => Ok(None),
    }
}

/// Returns the targets of an indicator (of one year, if given) in the order of their last days.
pub async fn list(
    conn: &impl ConnectionTrait,
    code: &str,
    year: Option<i32>,
    at: Option<DateTime<Utc>>,
) -> Result<Vec<Model>, Error> {
    let mut rows = Targets::find()
        .filter(C::IndicatorCode.eq(code))
        .apply_if(year, |q, v| q.filter(C::Period.is_in(names_of(v))))
        .filter(known_at::<Targets>(at))
        .all(conn)
        .await?;
    rows.sort_by_key(|row| row.period.parse::<Period>().ok().map(Period::last_day));
    Ok(rows)
}

/// Returns the key of a target; `name` is the canonical period.
pub fn by_key(code: &str, name: Period) -> Condition {
    Condition::all()
        .add(C::IndicatorCode.eq(code))
        .add(C::Period.eq(name.to_string()))
}

/// Returns the four canonical periods of a year.
fn names_of(year: i32) -> Vec<String> {
    let quarters = (1..=4).filter_map(|q| Period::new(year, PeriodKind::Quarter, q));
    quarters.filter_map(Period::target_period).map(String::from).collect()
}
