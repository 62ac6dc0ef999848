//! Stamps order everything (docs/adr/0006).
//!
//! One row per district holds the instant of its last write and, per stream of facts, of that stream's last
//! change. Every write takes its stamp *first*: the row lock makes recorded order the same as commit order on
//! both databases, whatever the clocks say. ETags of realisations are made of these instants. [`Db::stamps`] returns
//! them, without a statement on SQLite (docs/adr/0008).

use std::sync::Arc;

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

/// Declares the streams, one a line, with their columns. A column without a stream does not compile ([`unstamped`]).
macro_rules! streams {
    ($($stream:ident $column:ident;)*) => {
        /// The streams of facts that a value can depend on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Stream { $($stream),* }

        impl Stream {
            pub const ALL: &[Self] = &[$(Self::$stream),*];

            fn column(self) -> stamp::Column {
                match self { $(Self::$stream => stamp::Column::$stream),* }
            }

            /// Returns the instant of this stream's last change in microseconds; 0 if it never changed.
            pub fn changed_at(self, row: &stamp::Model) -> i64 {
                match self { $(Self::$stream => row.$column),* }
            }
        }

        /// The stamps of a district in which nothing was ever recorded.
        pub(super) fn unstamped(district: &str) -> stamp::Model {
            stamp::Model { district_code: district.to_owned(), recorded_at: 0, $($column: 0),* }
        }
    };
}

streams! {
    Places places;
    Decrees decrees;
    Indicators indicators;
    Targets targets;
    ReportKinds report_kinds;
    Surveys surveys;
    Institutions institutions;
    Cases cases;
    Reports reports;
    Closings closings;
}

/// The stamps of some districts, in the order of their codes. Computed values and their ETags depend on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamps(Vec<stamp::Model>);

impl Stamps {
    pub fn new(rows: impl IntoIterator<Item = stamp::Model>) -> Self {
        Self(rows.into_iter().collect())
    }

    /// Returns the stamps of a district (`None`: of all).
    pub async fn load(conn: &impl ConnectionTrait, district: Option<&str>) -> Result<Self, Error> {
        Ok(Self(list(conn, district).await?))
    }

    /// Returns the stamps of one of the districts alone.
    pub fn of_district(&self, district: &str) -> Self {
        Self::new(self.0.iter().filter(|row| row.district_code == district).cloned())
    }

    pub fn districts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|row| row.district_code.as_str())
    }

    /// Returns the instant of a stream's last change in a district, in microseconds; `None` for an unknown district.
    pub fn changed_at(&self, district: &str, stream: Stream) -> Option<i64> {
        let row = self.0.iter().find(|row| row.district_code == district)?;
        Some(stream.changed_at(row))
    }

    /// Returns a digest of the last changes of some streams, in the districts that `includes` accepts.
    pub fn digest(&self, includes: impl Fn(&str) -> bool, streams: &[Stream]) -> [u8; 32] {
        let mut digest = Context::new(&SHA256);
        for row in self.0.iter().filter(|row| includes(&row.district_code)) {
            digest.update(row.district_code.as_bytes());
            digest.update(&[0]);
            for stream in streams {
                digest.update(&stream.changed_at(row).to_be_bytes());
            }
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.finish().as_ref());
        bytes
    }

    /// Returns whether everything that will ever be recorded in these districts is later than `as_of` (`None`: now). If
    /// not, a running write may still get an earlier instant.
    pub fn is_settled(&self, as_of: Option<DateTime<Utc>>) -> bool {
        let settled_until = self.0.iter().map(|row| row.recorded_at).min().unwrap_or(0);
        as_of.is_none_or(|t| t.timestamp_micros() <= settled_until)
    }
}

/// The instant of a write: `recorded_at` of everything it appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub at: DateTime<Utc>,
}

/// Stamps a stream of some districts. The first statement of every write.
pub async fn stamp(tx: &WriteTx, districts: &[&str], stream: Stream) -> Result<Stamp, Error> {
    let rows = stamp::Entity::find()
        .filter(stamp::Column::DistrictCode.is_in(districts.iter().copied()))
        .order_by_asc(stamp::Column::DistrictCode)
        .lock_exclusive()
        .all(tx)
        .await?;
    if districts.iter().any(|d| rows.iter().all(|r| r.district_code != *d)) {
        return Err(Error::internal("a district has no stamp"));
    }
    advance(tx, rows, stream).await
}

/// Locks the stamps of a district to the end of the transaction, without a new instant: nobody else writes there
/// meanwhile.
pub async fn lock(tx: &WriteTx, district: &str) -> Result<(), Error> {
    of_district(Some(district)).lock_exclusive().all(tx).await?;
    Ok(())
}

/// Stamps every stream of every district, later than everything recorded and later than `after` (microseconds): an ETag
/// that was ever sent is never sent again.
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

/// Stamps a stream of every district, for facts that all districts share (report kinds).
pub async fn stamp_all(tx: &WriteTx, stream: Stream) -> Result<Stamp, Error> {
    let rows = stamp::Entity::find()
        .order_by_asc(stamp::Column::DistrictCode)
        .lock_exclusive()
        .all(tx)
        .await?;
    advance(tx, rows, stream).await
}

/// Gives stamps to new districts. Districts that already have a stamp keep theirs.
pub async fn initialise(tx: &WriteTx, districts: impl IntoIterator<Item = &str>) -> Result<(), Error> {
    let rows = districts.into_iter().map(unstamped);
    stamp::Entity::insert_many(rows.map(|row| row.into_active_model().reset_all()))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Stamps `max(clock, last + 1 microsecond)`: later than everything recorded in these districts before.
async fn advance(tx: &WriteTx, rows: Vec<stamp::Model>, stream: Stream) -> Result<Stamp, Error> {
    let last = rows.iter().map(|r| r.recorded_at).max().unwrap_or(0);
    let at = now_micros(tx).await?.max(last + 1);
    stamp::Entity::update_many()
        .col_expr(stamp::Column::RecordedAt, Expr::value(at))
        .col_expr(stream.column(), Expr::value(at))
        .filter(stamp::Column::DistrictCode.is_in(rows.iter().map(|r| r.district_code.as_str())))
        .exec(tx)
        .await?;
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
    let micros: Option<Option<i64>> = of_district(district)
        .select_only()
        .column_as(stamp::Column::RecordedAt.max(), "latest")
        .into_tuple()
        .one(conn)
        .await?;
    instant(micros.flatten().unwrap_or(0))
}

/// Returns the stamps of a district (`None`: of all) in the order of the codes.
pub async fn list(conn: &impl ConnectionTrait, district: Option<&str>) -> Result<Vec<stamp::Model>, Error> {
    let rows = of_district(district).order_by_asc(stamp::Column::DistrictCode);
    Ok(rows.all(conn).await?)
}

fn of_district(district: Option<&str>) -> Select<stamp::Entity> {
    stamp::Entity::find().apply_if(district, |q, code| q.filter(stamp::Column::DistrictCode.eq(code)))
}

/// Returns the stamps of a district; `None` if the district does not exist.
pub async fn get(conn: &impl ConnectionTrait, district: &str) -> Result<Option<stamp::Model>, Error> {
    Ok(stamp::Entity::find_by_id(district).one(conn).await?)
}

impl Db {
    /// Returns the stamps of a district (`None`: of all). Takes no statement on SQLite while they are cached, and one on
    /// PostgreSQL, where other processes write too.
    pub async fn stamps(&self, district: Option<&str>) -> Result<Arc<Stamps>, Error> {
        let Some(cache) = &self.stamp_cache else {
            return Ok(Arc::new(Stamps::load(&self.reader, district).await?));
        };
        let all = match cache.get() {
            Some(all) => all,
            None => {
                let epoch = cache.quiet();
                let all = Arc::new(Stamps::load(&self.reader, None).await?);
                if let Some(epoch) = epoch {
                    cache.put(epoch, Arc::clone(&all));
                }
                all
            }
        };
        Ok(match district {
            Some(code) => Arc::new(all.of_district(code)),
            None => all,
        })
    }

    /// Waits for the writes that are running in a district (`None`: any). A write that has its stamp but is not committed
    /// would be missing in a reply about a later instant, and present in the next reply about the same instant.
    pub async fn wait_for_writers(&self, district: Option<&str>) -> Result<(), Error> {
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

    /// Runs `f` on a snapshot for a reply about `as_of` (`None`: now) in a district (`None`: any). Waits for running
    /// writes first, if one of them may still get an instant before `as_of`.
    pub async fn read_as_of<T>(
        &self,
        as_of: Option<DateTime<Utc>>,
        district: Option<&str>,
        f: impl AsyncFnOnce(&ReadTx) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if as_of.is_some() && !self.stamps(district).await?.is_settled(as_of) {
            self.wait_for_writers(district).await?;
        }
        self.read(f).await
    }
}

fn instant(micros: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Error::internal("a stamp is outside the calendar"))
}
