//! What strangers may read: closings, and nothing of a period that is not closed.

use sea_orm::sea_query::{Expr, ExprTrait as _, Query as Subquery};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use ::entity::closing::{Column as C, Entity as Closings, Model};
use ::entity::closing_document::{Column as D, Entity as Documents};
use ::entity::district::{self, Column as Of, Entity as Districts};

use super::query::last_of;
use super::verification;
use crate::core::period::Period;
use crate::platform::error::{Error, OrInternal};
use crate::results::realisations::closed::ClosedValues;

/// The most districts of a list. A regency has a few dozen.
const MOST_DISTRICTS: u64 = 500;

/// Returns the districts that have closed a period, by name.
pub async fn districts(conn: &impl ConnectionTrait) -> Result<Vec<district::Model>, Error> {
    let closed = Subquery::select()
        .expr(Expr::val(1))
        .from(Closings)
        .and_where(Expr::col((Closings, C::DistrictCode)).equals((Districts, Of::Code)))
        .take();
    let those = Districts::find().filter(Expr::exists(closed));
    let by_name = those.order_by_asc(Of::Name).order_by_asc(Of::Code);
    Ok(by_name.limit(MOST_DISTRICTS).all(conn).await?)
}

/// Returns the district; 404 unless it exists.
pub async fn district(conn: &impl ConnectionTrait, code: &str) -> Result<district::Model, Error> {
    let row = Districts::find_by_id(code).one(conn).await?;
    row.ok_or_else(Error::not_found)
}

/// Returns the first and the last year of the periods that a district has closed; `None`: it has closed none.
pub async fn years(conn: &impl ConnectionTrait, district: &str) -> Result<Option<(i32, i32)>, Error> {
    let ends = Closings::find()
        .filter(C::DistrictCode.eq(district))
        .select_only()
        .column_as(C::Period.min(), "first")
        .column_as(C::Period.max(), "last");
    let ends: Option<(Option<String>, Option<String>)> = ends.into_tuple().one(conn).await?;
    let Some((Some(first), Some(last))) = ends else {
        return Ok(None);
    };
    let year = |name: &str| name.parse::<Period>().or_internal().map(Period::year);
    Ok(Some((year(&first)?, year(&last)?)))
}

/// Returns the newest closing of each period of a year that is closed, in order.
pub async fn of_year(conn: &impl ConnectionTrait, district: &str, year: i32) -> Result<Vec<(Period, Model)>, Error> {
    let mut found = Vec::new();
    for period in Period::target_periods(year) {
        let row = last_of(conn, district, &period.to_string()).await?;
        found.extend(row.map(|row| (period, row)));
    }
    Ok(found)
}

/// Returns the newest versions of the closing of a period, the newest first.
pub async fn versions(
    conn: &impl ConnectionTrait,
    district: &str,
    period: &str,
    limit: u64,
) -> Result<Vec<Model>, Error> {
    let newest = of_period(district, period).order_by_desc(C::Version).limit(limit);
    Ok(newest.all(conn).await?)
}

/// Returns a version of the closing of a period.
pub async fn version(
    conn: &impl ConnectionTrait,
    district: &str,
    period: &str,
    version: i32,
) -> Result<Option<Model>, Error> {
    let one = of_period(district, period).filter(C::Version.eq(version));
    Ok(one.one(conn).await?)
}

/// Returns the closing of a period whose document or statement has a hash.
pub async fn of_hash(
    conn: &impl ConnectionTrait,
    district: &str,
    period: &str,
    sha256: &str,
) -> Result<Option<Model>, Error> {
    let is_one = Condition::any()
        .add(C::DocumentSha256.eq(sha256))
        .add(C::StatementSha256.eq(sha256));
    Ok(of_period(district, period).filter(is_one).one(conn).await?)
}

fn of_period(district: &str, period: &str) -> sea_orm::Select<Closings> {
    Closings::find()
        .filter(C::DistrictCode.eq(district))
        .filter(C::Period.eq(period))
}

/// Returns the values of a closing, without its document.
pub async fn values(conn: &impl ConnectionTrait, id: Uuid) -> Result<ClosedValues, Error> {
    let stored = Documents::find_by_id(id).select_only().column(D::Realisations);
    let stored: Option<String> = stored.into_tuple().one(conn).await?;
    let stored = stored.ok_or_else(|| Error::internal(format!("closing {id} has no document")))?;
    serde_json::from_str(&stored).or_internal()
}

/// Returns the office of the person who closed, as the statement has it.
pub fn office_of_closer(row: &Model) -> Result<String, Error> {
    verification::office_of_closer(&row.statement).map_err(Error::internal)
}
