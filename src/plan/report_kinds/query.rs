//! Reading report kinds. A kind is a row per (code, first year it governs).

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryTrait, Select};

use ::entity::report_kind::{Column as C, Entity as Kinds, Model};

use crate::core::obligation::ReportGroup;
use crate::plan::by_year;
use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

/// Returns the row of a kind that governs an obligation year, as known at an instant (`None`: now). The row itself
/// says whether the report is owed in that year.
pub async fn governing(
    conn: &impl ConnectionTrait,
    code: &str,
    year: i32,
    at: Option<DateTime<Utc>>,
) -> Result<Option<Model>, Error> {
    by_year::governing::<Kinds>(conn, code, year, at).await
}

/// Returns the row of a kind that begins first.
pub async fn first(conn: &impl ConnectionTrait, code: &str) -> Result<Option<Model>, Error> {
    by_year::first::<Kinds>(conn, code).await
}

/// Returns one page of the kinds owed in a year, as they were known at `at`.
pub async fn page(
    conn: &impl ConnectionTrait,
    group: Option<ReportGroup>,
    year: i32,
    wanted: &PageRequest,
    at: DateTime<Utc>,
) -> Result<PageRows<Model>, Error> {
    let query = owed_in(year, at).apply_if(group, |q, v| q.filter(C::GroupCode.eq(v.as_str())));
    wanted.fetch(conn, query, &Keyset::ascending(vec![C::Code]), at).await
}

fn owed_in(year: i32, at: DateTime<Utc>) -> Select<Kinds> {
    let begun = Condition::any()
        .add(C::ValidFromYear.is_null())
        .add(C::ValidFromYear.lte(year));
    let not_over = Condition::any()
        .add(C::ValidToYear.is_null())
        .add(C::ValidToYear.gte(year));
    by_year::all_governing::<Kinds>(year, Some(at))
        .filter(begun)
        .filter(not_over)
}
