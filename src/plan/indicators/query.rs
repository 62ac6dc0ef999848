//! Reading indicators. An indicator has a row per (code, first governed year). It is in force in the years that the
//! decree of its governing row covers.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef,
    Select,
};

use ::entity::decree::{self, Column as D, Entity as Decrees};
use ::entity::indicator::{Column as C, Entity as Indicators, Model};

use crate::plan::by_year;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;

/// Selects one row of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Year {
    /// The row in force in this year; none when the decree does not cover the year.
    Exactly(i32),
    /// The row that governs this year, or the first row if all begin later.
    Nearest(i32),
}

/// Returns the current row of a code that is in force in a year.
pub async fn in_force(conn: &impl ConnectionTrait, code: &str, year: i32) -> Result<Option<Model>, Error> {
    let rows = rows_of_year(Year::Exactly(year), None);
    Ok(rows.filter(C::Code.eq(code)).one(conn).await?)
}

/// Returns the current row of a code that governs a year, or the first row if all begin later: the row that
/// [`Year::Nearest`] selects. A code has few rows, so the choice among them costs less here than in SQL.
pub async fn nearest(conn: &impl ConnectionTrait, code: &str, year: i32) -> Result<Option<Model>, Error> {
    let rows = Indicators::find().filter(C::Code.eq(code));
    let rows = rows.filter(known_at::<Indicators>(None)).all(conn).await?;
    let distance = |row: &Model| (row.from_year > year, row.from_year.abs_diff(year));
    Ok(rows.into_iter().min_by_key(distance))
}

/// Returns all current rows of a district with their decrees, by code and first year.
pub async fn rows_of_district(
    conn: &impl ConnectionTrait,
    district: &str,
) -> Result<Vec<(Model, decree::Model)>, Error> {
    let rows = Indicators::find()
        .filter(C::DistrictCode.eq(district))
        .filter(known_at::<Indicators>(None))
        .filter(known_at::<Decrees>(None))
        .order_by_asc(C::Code)
        .order_by_asc(C::FromYear)
        .join(JoinType::InnerJoin, to_decree())
        .select_also(Decrees)
        .all(conn)
        .await?;
    Ok(rows.into_iter().filter_map(|(i, d)| d.map(|d| (i, d))).collect())
}

/// Selects one row of each indicator, as known at an instant (`None`: now).
pub fn rows_of_year(year: Year, at: Option<DateTime<Utc>>) -> Select<Indicators> {
    match year {
        Year::Exactly(year) => {
            let covering = Query::select()
                .column(D::Id)
                .from(Decrees)
                .cond_where(covering(year, at))
                .take();
            by_year::all_governing::<Indicators>(year, at).filter(C::DecreeId.in_subquery(covering))
        }
        Year::Nearest(year) => Indicators::find().filter(known_at::<Indicators>(at)).filter(
            Condition::any().add(C::FromYear.in_subquery(newest(year, at))).add(
                Condition::all()
                    .add(C::FromYear.gt(year))
                    .add(C::FromYear.in_subquery(first(at))),
            ),
        ),
    }
}

/// `SELECT max(from_year)` of the row's own code up to a year.
fn newest(year: i32, at: Option<DateTime<Utc>>) -> SelectStatement {
    let mut query = of_the_same_code(at);
    query
        .expr(Expr::col((Alias::new(SAME), C::FromYear)).max())
        .and_where(Expr::col((Alias::new(SAME), C::FromYear)).lte(year))
        .take()
}

/// `SELECT min(from_year)` of the row's own code.
fn first(at: Option<DateTime<Utc>>) -> SelectStatement {
    of_the_same_code(at)
        .expr(Expr::col((Alias::new(SAME), C::FromYear)).min())
        .take()
}

const SAME: &str = "same";

fn of_the_same_code(at: Option<DateTime<Utc>>) -> SelectStatement {
    let same = |column: C| Expr::col((Alias::new(SAME), column));
    let not_superseded = same(C::SupersededAt).is_null();
    let known = match at {
        None => Condition::all().add(not_superseded),
        Some(t) => Condition::all()
            .add(same(C::RecordedAt).lte(t))
            .add(Condition::any().add(not_superseded).add(same(C::SupersededAt).gt(t))),
    };
    Query::select()
        .from_as(Indicators, Alias::new(SAME))
        .and_where(same(C::Code).equals((Indicators, C::Code)))
        .cond_where(known)
        .take()
}

/// Selects the decrees, as known at an instant, that cover a year.
fn covering(year: i32, at: Option<DateTime<Utc>>) -> Condition {
    Condition::all()
        .add(known_at::<Decrees>(at))
        .add(D::FirstYear.lte(year))
        .add(D::LastYear.gte(year))
}

fn to_decree() -> RelationDef {
    Indicators::belongs_to(Decrees).from(C::DecreeId).to(D::Id).into()
}
