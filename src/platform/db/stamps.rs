//! Stamps order all writes (docs/adr/0006).
//!
//! One row per district has the instant of its last write and, per stream of facts, the instant of the stream's last
//! change. Every write takes its stamp *first*: the row lock makes recorded order the same as commit order on both
//! databases, even if clocks differ. ETags of realisations are made of these instants. [`super::Db::stamps`] returns
//! them, without a statement on SQLite (docs/adr/0008).

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{
    CommonTableExpression, Expr, ExprTrait, Func, OnConflict, Query, SimpleExpr, TableRef, WithClause,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QuerySelect, QueryTrait,
};

use ::entity::stamp::{self, Column as C};

use super::stream::{Stream, instant, select, unstamped};
use super::transaction::WriteTx;
use crate::platform::clock::Clock;
use crate::platform::error::Error;

pub use super::stream::list;

/// The instant of a write: `recorded_at` of everything it appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub at: DateTime<Utc>,
}

/// Stamps a stream of some districts. The first statement of every write.
pub async fn stamp(tx: &WriteTx, districts: &[&str], stream: Stream) -> Result<Stamp, Error> {
    stamp_streams(tx, districts, &[stream]).await
}

/// Stamps several streams of some districts with one instant, for a change that touches records of all of them.
pub async fn stamp_streams(tx: &WriteTx, districts: &[&str], streams: &[Stream]) -> Result<Stamp, Error> {
    let own = C::DistrictCode.is_in(districts.iter().copied());
    let columns = streams.iter().map(|stream| stream.column());
    let rows = advance(tx, own, columns, 0).await?;
    if districts.iter().any(|d| rows.iter().all(|r| r.district_code != *d)) {
        return Err(Error::internal("a district has no stamp"));
    }
    given(tx, rows).await
}

/// Locks the stamps of a district to the end of the transaction, without a new instant: no other transaction writes
/// there until then.
pub async fn lock(tx: &WriteTx, district: &str) -> Result<(), Error> {
    select(Some(district)).lock_exclusive().all(tx).await?;
    Ok(())
}

/// Stamps every stream of every district, later than everything recorded and later than `after` (microseconds): no
/// earlier ETag is sent again.
pub async fn restamp_all(tx: &WriteTx, after: i64) -> Result<Stamp, Error> {
    let columns = Stream::ALL.iter().map(|stream| stream.column());
    let rows = advance(tx, all_districts(), columns, after).await?;
    given(tx, rows).await
}

/// Stamps a stream of every district, for facts that all districts share (report kinds).
pub async fn stamp_all(tx: &WriteTx, stream: Stream) -> Result<Stamp, Error> {
    let rows = advance(tx, all_districts(), [stream.column()], 0).await?;
    given(tx, rows).await
}

/// Gives stamps to new districts. Districts that already have a stamp keep theirs.
pub async fn initialise(tx: &WriteTx, districts: impl IntoIterator<Item = &str>) -> Result<(), Error> {
    let rows = districts.into_iter().map(unstamped);
    stamp::Entity::insert_many(rows.map(|row| row.into_active_model().reset_all()))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    tx.note_stamps(None);
    Ok(())
}

fn all_districts() -> SimpleExpr {
    Expr::value(true)
}

/// Stamps `max(clock, last + 1 microsecond)`: later than everything recorded in these districts before, and than `after`. One
/// statement; it locks the rows in the order of their codes before it looks at the clock. Returns the rows as they are after it.
async fn advance(
    tx: &WriteTx,
    districts: SimpleExpr,
    columns: impl IntoIterator<Item = C>,
    after: i64,
) -> Result<Vec<stamp::Model>, Error> {
    let (locked, new, at) = ("locked", "new", "at");
    let mut rows = select(None).filter(districts.clone()).lock_exclusive().into_query();
    rows.clear_selects().column(C::RecordedAt);
    let locked_rows = CommonTableExpression::new().table_name(locked).query(rows).to_owned();
    let later = |micros: SimpleExpr| micros.add(1);
    let instants = [now(tx), later(Expr::col(C::RecordedAt).max()), later(after.into())];
    let instant = Query::select()
        .expr_as(Func::greatest(instants), at)
        .from(locked)
        .to_owned();
    let mut update = Query::update();
    update
        .table(stamp::Entity)
        .from(TableRef::SubQuery(Box::new(instant), new.into()));
    for column in columns.into_iter().chain([C::RecordedAt]) {
        update.value(column, Expr::col((new, at)));
    }
    update.and_where(districts).returning_all();
    let statement = tx
        .get_database_backend()
        .build(&update.with(WithClause::new().cte(locked_rows).to_owned()));
    let rows = tx.query_all_raw(statement).await?;
    Ok(rows
        .iter()
        .map(|row| stamp::Model::from_query_result(row, ""))
        .collect::<Result<_, _>>()?)
}

/// Notes the rows of a stamp for the cache, and returns their instant.
async fn given(tx: &WriteTx, rows: Vec<stamp::Model>) -> Result<Stamp, Error> {
    let micros = match rows.first() {
        Some(row) => row.recorded_at,
        // There is no district yet.
        None => {
            let now = tx.get_database_backend().build(Query::select().expr_as(now(tx), "now"));
            let row = tx.query_one_raw(now).await?;
            row.ok_or_else(Error::unavailable)?.try_get("", "now")?
        }
    };
    tx.note_stamps(Some(rows));
    Ok(Stamp { at: instant(micros)? })
}

/// The time of the service's clock in microseconds; on PostgreSQL of the database's clock, which all instances share.
fn now(tx: &WriteTx) -> SimpleExpr {
    if tx.is_postgres() && matches!(tx.clock(), Clock::System) {
        return Expr::cust("(extract(epoch from clock_timestamp()) * 1000000)::bigint");
    }
    Expr::value(tx.clock().now().timestamp_micros())
}

/// Returns the newest recorded instant of a district (`None`: of all).
pub async fn latest(conn: &impl ConnectionTrait, district: Option<&str>) -> Result<DateTime<Utc>, Error> {
    let micros: Option<Option<i64>> = stamp::Entity::find()
        .apply_if(district, |q, code| q.filter(C::DistrictCode.eq(code)))
        .select_only()
        .column_as(C::RecordedAt.max(), "latest")
        .into_tuple()
        .one(conn)
        .await?;
    instant(micros.flatten().unwrap_or(0))
}

/// Returns the stamps of a district; `None` if the district does not exist.
pub async fn get(conn: &impl ConnectionTrait, district: &str) -> Result<Option<stamp::Model>, Error> {
    Ok(stamp::Entity::find_by_id(district).one(conn).await?)
}
