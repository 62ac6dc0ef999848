//! Stamps order everything (docs/adr/0006).
//!
//! One row per district holds the instant of its last write and, per stream of facts, of that stream's last
//! change. Every write takes its stamp *first*: the row lock makes recorded order the same as commit order on
//! both databases, whatever the clocks say. ETags of realisations are made of these instants.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select, Statement,
};

use ::entity::stamp;

use super::{Db, ReadTx, WriteTx};
use crate::platform::clock::Clock;
use crate::platform::error::Error;

/// The streams of facts that a value can depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    Places,
    Decrees,
    Indicators,
    Targets,
    ReportKinds,
    Surveys,
    Institutions,
    Cases,
    Reports,
    Closings,
}

impl Stream {
    fn column(self) -> stamp::Column {
        use stamp::Column as C;
        match self {
            Stream::Places => C::Places,
            Stream::Decrees => C::Decrees,
            Stream::Indicators => C::Indicators,
            Stream::Targets => C::Targets,
            Stream::ReportKinds => C::ReportKinds,
            Stream::Surveys => C::Surveys,
            Stream::Institutions => C::Institutions,
            Stream::Cases => C::Cases,
            Stream::Reports => C::Reports,
            Stream::Closings => C::Closings,
        }
    }

    /// The instant of this stream's last change, in microseconds; 0 when it never changed.
    pub fn changed_at(self, row: &stamp::Model) -> i64 {
        match self {
            Stream::Places => row.places,
            Stream::Decrees => row.decrees,
            Stream::Indicators => row.indicators,
            Stream::Targets => row.targets,
            Stream::ReportKinds => row.report_kinds,
            Stream::Surveys => row.surveys,
            Stream::Institutions => row.institutions,
            Stream::Cases => row.cases,
            Stream::Reports => row.reports,
            Stream::Closings => row.closings,
        }
    }
}

/// The instant of one write: `recorded_at` of everything it appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub at: DateTime<Utc>,
}

/// Stamps the stream of the given districts. The first statement of every write.
pub async fn take(tx: &WriteTx, districts: &[&str], stream: Stream) -> Result<Stamp, Error> {
    let rows = stamp::Entity::find()
        .filter(stamp::Column::DistrictCode.is_in(districts.iter().copied()))
        .order_by_asc(stamp::Column::DistrictCode)
        .lock_exclusive()
        .all(tx)
        .await?;
    if districts.iter().any(|d| rows.iter().all(|r| r.district_code != *d)) {
        return Err(Error::internal("a district without a stamp"));
    }
    advance(tx, rows, stream).await
}

/// Holds the stamps of a district to the end of the transaction without a new instant: nobody else writes there
/// meanwhile.
pub async fn hold(tx: &WriteTx, district: &str) -> Result<(), Error> {
    of_district(Some(district)).lock_exclusive().all(tx).await?;
    Ok(())
}

/// Stamps every stream of every district, later than everything recorded and than an instant in microseconds: no tag
/// that was ever handed out is handed out again.
pub async fn renew(tx: &WriteTx, after: i64) -> Result<Stamp, Error> {
    let last = latest(tx, None).await?.timestamp_micros().max(after);
    let at = now_micros(tx).await?.max(last + 1);
    let streams = stamp::Column::iter().filter(|c| !matches!(c, stamp::Column::DistrictCode));
    streams
        .fold(stamp::Entity::update_many(), |update, column| {
            update.col_expr(column, Expr::value(at))
        })
        .exec(tx)
        .await?;
    Ok(Stamp { at: instant(at)? })
}

/// Stamps the stream of every district: what is shared by all (report kinds) changes all.
pub async fn take_everywhere(tx: &WriteTx, stream: Stream) -> Result<Stamp, Error> {
    let rows = stamp::Entity::find()
        .order_by_asc(stamp::Column::DistrictCode)
        .lock_exclusive()
        .all(tx)
        .await?;
    advance(tx, rows, stream).await
}

/// `max(clock, last + 1 microsecond)`: strictly later than everything recorded in these districts before.
async fn advance(tx: &WriteTx, rows: Vec<stamp::Model>, stream: Stream) -> Result<Stamp, Error> {
    let last = rows.iter().map(|r| r.recorded_at).max().unwrap_or(0);
    let at = now_micros(tx).await?.max(last + 1);
    stamp::Entity::update_many()
        .col_expr(stamp::Column::RecordedAt, Expr::value(at))
        .col_expr(stream.column(), Expr::value(at))
        .filter(stamp::Column::DistrictCode.is_in(rows.into_iter().map(|r| r.district_code)))
        .exec(tx)
        .await?;
    Ok(Stamp { at: instant(at)? })
}

/// The service's clock; on PostgreSQL the database's, which all instances share.
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

/// The newest recorded instant in a snapshot: of one district, or of all.
pub async fn latest(conn: &impl ConnectionTrait, district: Option<&str>) -> Result<DateTime<Utc>, Error> {
    let micros: Option<Option<i64>> = of_district(district)
        .select_only()
        .column_as(stamp::Column::RecordedAt.max(), "latest")
        .into_tuple()
        .one(conn)
        .await?;
    instant(micros.flatten().unwrap_or(0))
}

/// The last instant of a district, or the oldest of all districts': nothing can be recorded there at or before it any
/// more.
async fn earliest(conn: &ReadTx, district: Option<&str>) -> Result<DateTime<Utc>, Error> {
    let micros: Option<Option<i64>> = of_district(district)
        .select_only()
        .column_as(stamp::Column::RecordedAt.min(), "earliest")
        .into_tuple()
        .one(conn)
        .await?;
    instant(micros.flatten().unwrap_or(0))
}

/// The stamps of one district or of all, by code.
pub async fn all(conn: &impl ConnectionTrait, district: Option<&str>) -> Result<Vec<stamp::Model>, Error> {
    let rows = of_district(district).order_by_asc(stamp::Column::DistrictCode);
    Ok(rows.all(conn).await?)
}

fn of_district(district: Option<&str>) -> Select<stamp::Entity> {
    stamp::Entity::find().apply_if(district, |q, code| q.filter(stamp::Column::DistrictCode.eq(code)))
}

/// The stamps of a district, if there is one.
pub async fn of(conn: &impl ConnectionTrait, district: &str) -> Result<Option<stamp::Model>, Error> {
    Ok(stamp::Entity::find_by_id(district).one(conn).await?)
}

impl Db {
    /// A snapshot for an answer about `as_of` (`None`: now) in a district (`None`: any). An instant later than the last recorded one first
    /// waits for the writes that are running: one that has its stamp but is not committed yet would be missing in
    /// this answer and there in the next, though both ask about the same instant.
    pub async fn read_as_of<T>(
        &self,
        as_of: Option<DateTime<Utc>>,
        district: Option<&str>,
        f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if let Some(t) = as_of
            && t > self.read(async |tx| earliest(tx, district).await).await?
        {
            self.write(async |tx| {
                of_district(district)
                    .order_by_asc(stamp::Column::DistrictCode)
                    .lock_shared()
                    .all(tx)
                    .await?;
                Ok(())
            })
            .await?;
        }
        self.read(f).await
    }
}

fn instant(micros: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Error::internal("a stamp outside the calendar"))
}
