//! Stamps order everything (docs/adr/0006).
//!
//! One row per district holds the instant of its last write and, per stream of facts, of that stream's last
//! change. Every write takes its stamp *first*: the row lock makes recorded order the same as commit order on
//! both databases, whatever the clocks say. ETags of realisations are made of these instants; how far the districts
//! have come is asked of [`Db::reached`], which needs no statement on SQLite (docs/adr/0007).

use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, Iterable, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Statement,
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

impl Stream {
    fn of(self, row: &mut stamp::Model) -> &mut i64 {
        match self {
            Stream::Places => &mut row.places,
            Stream::Decrees => &mut row.decrees,
            Stream::Indicators => &mut row.indicators,
            Stream::Targets => &mut row.targets,
            Stream::ReportKinds => &mut row.report_kinds,
            Stream::Surveys => &mut row.surveys,
            Stream::Institutions => &mut row.institutions,
            Stream::Cases => &mut row.cases,
            Stream::Reports => &mut row.reports,
            Stream::Closings => &mut row.closings,
        }
    }
}

/// How far a district, or all of them, have come: what answers and their tags depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Of every stream's last change in every district asked about.
    pub digest: [u8; 32],
    /// Nothing can be recorded in these districts at or before this instant any more; microseconds since 1970 UTC.
    pub settled_until: i64,
}

impl Reached {
    /// `rows` in the order of their codes.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a stamp::Model>) -> Self {
        let mut digest = Context::new(&SHA256);
        let mut settled: Option<i64> = None;
        for row in rows {
            // Every stream counts; a new one is a compile error until it does.
            let stamp::Model {
                district_code,
                recorded_at,
                places,
                decrees,
                indicators,
                targets,
                report_kinds,
                surveys,
                institutions,
                cases,
                reports,
                closings,
            } = row;
            digest.update(district_code.as_bytes());
            digest.update(&[0]);
            for instant in [
                places,
                decrees,
                indicators,
                targets,
                report_kinds,
                surveys,
                institutions,
                cases,
                reports,
                closings,
            ] {
                digest.update(&instant.to_be_bytes());
            }
            settled = Some(settled.map_or(*recorded_at, |t| t.min(*recorded_at)));
        }
        let mut reached = Self {
            digest: [0; 32],
            settled_until: settled.unwrap_or(0),
        };
        reached.digest.copy_from_slice(digest.finish().as_ref());
        reached
    }

    /// Does an answer about this instant (`None`: now) need no wait for the writes that are running?
    pub fn settles(&self, as_of: Option<DateTime<Utc>>) -> bool {
        as_of.is_none_or(|t| t.timestamp_micros() <= self.settled_until)
    }
}

/// The instant of one write: `recorded_at` of everything it appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub at: DateTime<Utc>,
}

/// Stamps the stream of the given districts. The first statement of every write.
pub async fn stamp(tx: &WriteTx, districts: &[&str], stream: Stream) -> Result<Stamp, Error> {
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
pub async fn lock(tx: &WriteTx, district: &str) -> Result<(), Error> {
    of_district(Some(district)).lock_exclusive().all(tx).await?;
    Ok(())
}

/// Stamps every stream of every district, later than everything recorded and than an instant in microseconds: no tag
/// that was ever handed out is handed out again.
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
    Ok(Stamp { at: instant(at)? })
}

/// Stamps the stream of every district: what is shared by all (report kinds) changes all.
pub async fn stamp_all(tx: &WriteTx, stream: Stream) -> Result<Stamp, Error> {
    let rows = stamp::Entity::find()
        .order_by_asc(stamp::Column::DistrictCode)
        .lock_exclusive()
        .all(tx)
        .await?;
    advance(tx, rows, stream).await
}

/// Gives stamps to districts that have none yet: nothing was ever recorded there.
pub async fn initialise(tx: &WriteTx, districts: impl IntoIterator<Item = &str>) -> Result<(), Error> {
    let rows: Vec<_> = districts.into_iter().map(unstamped).collect();
    stamp::Entity::insert_many(rows.iter().cloned().map(|row| row.into_active_model().reset_all()))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    // One that has a stamp already is known by a later instant, and that one stays.
    tx.stamped(rows);
    Ok(())
}

fn unstamped(district: &str) -> stamp::Model {
    stamp::Model {
        district_code: district.to_owned(),
        recorded_at: 0,
        places: 0,
        decrees: 0,
        indicators: 0,
        targets: 0,
        report_kinds: 0,
        surveys: 0,
        institutions: 0,
        cases: 0,
        reports: 0,
        closings: 0,
    }
}

/// `max(clock, last + 1 microsecond)`: strictly later than everything recorded in these districts before.
async fn advance(tx: &WriteTx, rows: Vec<stamp::Model>, stream: Stream) -> Result<Stamp, Error> {
    let last = rows.iter().map(|r| r.recorded_at).max().unwrap_or(0);
    let at = now_micros(tx).await?.max(last + 1);
    stamp::Entity::update_many()
        .col_expr(stamp::Column::RecordedAt, Expr::value(at))
        .col_expr(stream.column(), Expr::value(at))
        .filter(stamp::Column::DistrictCode.is_in(rows.iter().map(|r| r.district_code.as_str())))
        .exec(tx)
        .await?;
    tx.stamped(rows.into_iter().map(|mut row| {
        row.recorded_at = at;
        *stream.of(&mut row) = at;
        row
    }));
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

/// The stamps of one district or of all, by code.
pub async fn list(conn: &impl ConnectionTrait, district: Option<&str>) -> Result<Vec<stamp::Model>, Error> {
    let rows = of_district(district).order_by_asc(stamp::Column::DistrictCode);
    Ok(rows.all(conn).await?)
}

fn of_district(district: Option<&str>) -> Select<stamp::Entity> {
    stamp::Entity::find().apply_if(district, |q, code| q.filter(stamp::Column::DistrictCode.eq(code)))
}

/// The stamps of a district, if there is one.
pub async fn get(conn: &impl ConnectionTrait, district: &str) -> Result<Option<stamp::Model>, Error> {
    Ok(stamp::Entity::find_by_id(district).one(conn).await?)
}

impl Db {
    /// How far a district (`None`: all of them) has come. No statement on SQLite, where memory knows; on PostgreSQL,
    /// where others write too, one, which is a snapshot of its own.
    pub async fn reached(&self, district: Option<&str>) -> Result<Reached, Error> {
        let Some(memory) = &self.memory else {
            return Ok(Reached::of(&list(&self.reader, district).await?));
        };
        if let Some(reached) = memory.reached(district) {
            return Ok(reached);
        }
        let doubts = memory.doubts();
        let rows = list(&self.reader, None).await?;
        let asked = rows.iter().filter(|r| district.is_none_or(|d| d == r.district_code));
        let reached = Reached::of(asked);
        memory.complete(rows, doubts);
        Ok(reached)
    }

    /// Waits for the writes that are running in a district (`None`: any): one that has its stamp but is not committed
    /// yet would be missing in an answer about a later instant and there in the next, though both ask about the same.
    pub async fn settle(&self, district: Option<&str>) -> Result<(), Error> {
        self.write(async |tx| {
            of_district(district)
                .order_by_asc(stamp::Column::DistrictCode)
                .lock_shared()
                .all(tx)
                .await?;
            Ok(())
        })
        .await
    }

    /// A snapshot for an answer about `as_of` (`None`: now) in a district (`None`: any). An instant later than the
    /// last recorded one first waits for the writes that are running.
    pub async fn read_as_of<T>(
        &self,
        as_of: Option<DateTime<Utc>>,
        district: Option<&str>,
        f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if as_of.is_some() && !self.reached(district).await?.settles(as_of) {
            self.settle(district).await?;
        }
        self.read(f).await
    }
}

fn instant(micros: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Error::internal("a stamp outside the calendar"))
}
