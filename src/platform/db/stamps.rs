//! Stamps order all writes (docs/adr/0006).
//!
//! One row per district has the instant of its last write and, per stream of facts, the instant of the stream's last
//! change. Every write takes its stamp *first*: the row lock makes recorded order the same as commit order on both
//! databases, even if clocks differ. ETags of realisations are made of these instants. [`super::Db::stamps`] returns
//! them, without a statement on SQLite (docs/adr/0008).

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, Iterable, QueryFilter,
    QuerySelect, QueryTrait, Statement,
};

use ::entity::stamp;

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
    let rows = select(None)
        .filter(stamp::Column::DistrictCode.is_in(districts.iter().copied()))
        .lock_exclusive()
        .all(tx)
        .await?;
    if districts.iter().any(|d| rows.iter().all(|r| r.district_code != *d)) {
        return Err(Error::internal("a district has no stamp"));
    }
    advance(tx, rows, streams).await
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
    let last = latest(tx, None).await?.timestamp_micros().max(after);
    let at = now_micros(tx).await?.max(last + 1);
    let streams = stamp::Column::iter().filter(|c| !matches!(c, stamp::Column::DistrictCode));
    streams
        .fold(stamp::Entity::update_many(), |update, column| {
            update.col_expr(column, Expr::value(at))
        })
        .exec(tx)
        .await?;
    tx.note_stamps(None);
    Ok(Stamp { at: instant(at)? })
}

/// Stamps a stream of every district, for facts that all districts share (report kinds).
pub async fn stamp_all(tx: &WriteTx, stream: Stream) -> Result<Stamp, Error> {
    let rows = select(None).lock_exclusive().all(tx).await?;
    advance(tx, rows, &[stream]).await
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

/// Stamps `max(clock, last + 1 microsecond)`: later than everything recorded in these districts before.
async fn advance(tx: &WriteTx, mut rows: Vec<stamp::Model>, streams: &[Stream]) -> Result<Stamp, Error> {
    let last = rows.iter().map(|r| r.recorded_at).max().unwrap_or(0);
    let at = now_micros(tx).await?.max(last + 1);
    let update = stamp::Entity::update_many().col_expr(stamp::Column::RecordedAt, Expr::value(at));
    streams
        .iter()
        .fold(update, |update, stream| {
            update.col_expr(stream.column(), Expr::value(at))
        })
        .filter(stamp::Column::DistrictCode.is_in(rows.iter().map(|r| r.district_code.as_str())))
        .exec(tx)
        .await?;
    for row in &mut rows {
        row.recorded_at = at;
        streams.iter().for_each(|stream| stream.set(row, at));
    }
    tx.note_stamps(Some(rows));
    Ok(Stamp { at: instant(at)? })
}

/// Returns the time of the service's clock; on PostgreSQL of the database's clock, which all instances share.
async fn now_micros(tx: &WriteTx) -> Result<i64, Error> {
    if tx.get_database_backend() == DbBackend::Postgres && matches!(tx.clock(), Clock::System) {
        let sql = "SELECT (extract(epoch from clock_timestamp()) * 1000000)::bigint AS micros";
        let row = tx
            .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await?;
        return Ok(row.ok_or_else(Error::unavailable)?.try_get("", "micros")?);
    }
    Ok(tx.clock().now().timestamp_micros())
}

/// Returns the newest recorded instant of a district (`None`: of all).
pub async fn latest(conn: &impl ConnectionTrait, district: Option<&str>) -> Result<DateTime<Utc>, Error> {
    let micros: Option<Option<i64>> = stamp::Entity::find()
        .apply_if(district, |q, code| q.filter(stamp::Column::DistrictCode.eq(code)))
        .select_only()
        .column_as(stamp::Column::RecordedAt.max(), "latest")
        .into_tuple()
        .one(conn)
        .await?;
    instant(micros.flatten().unwrap_or(0))
}

/// Returns the stamps of a district; `None` if the district does not exist.
pub async fn get(conn: &impl ConnectionTrait, district: &str) -> Result<Option<stamp::Model>, Error> {
    Ok(stamp::Entity::find_by_id(district).one(conn).await?)
}
