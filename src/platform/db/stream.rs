//! The streams of facts, and the stamps with their last changes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Select};

use ::entity::stamp;

use crate::platform::error::Error;

/// Declares the streams, one a line, with their columns. A column without a stream does not compile ([`unstamped`]).
macro_rules! streams {
    ($($stream:ident $column:ident;)*) => {
        /// The streams of facts that a value can depend on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Stream { $($stream),* }

        impl Stream {
            pub const ALL: &[Self] = &[$(Self::$stream),*];

            pub(super) fn column(self) -> stamp::Column {
                match self { $(Self::$stream => stamp::Column::$stream),* }
            }

            /// Returns the instant of this stream's last change in microseconds; 0 if it never changed.
            pub fn changed_at(self, row: &stamp::Model) -> i64 {
                match self { $(Self::$stream => row.$column),* }
            }
        }

        /// Returns the stamps of a district without records.
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
    CodeLists code_lists;
    Notes notes;
    Evidence evidence;
}

/// The stamps of some districts. Computed values and their ETags depend on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamps(pub(super) BTreeMap<String, stamp::Model>);

impl Stamps {
    pub fn new(rows: impl IntoIterator<Item = stamp::Model>) -> Self {
        Self(rows.into_iter().map(|row| (row.district_code.clone(), row)).collect())
    }

    /// Returns the stamps of a district (`None`: of all).
    pub async fn load(conn: &impl ConnectionTrait, district: Option<&str>) -> Result<Self, Error> {
        Ok(Self::new(list(conn, district).await?))
    }

    /// Returns the stamps of one of the districts alone.
    pub fn of_district(&self, district: &str) -> Self {
        Self::new(self.0.get(district).cloned())
    }

    /// Returns these stamps and others.
    pub fn with(&self, others: &Self) -> Self {
        Self::new(self.0.values().chain(others.0.values()).cloned())
    }

    /// Returns these stamps, updated with stamps of some districts. Of two stamps of a district the later one stays.
    pub fn advanced(&self, rows: &[stamp::Model]) -> Self {
        let mut stamps = self.clone();
        for row in rows {
            if let Some(old) = stamps.0.get_mut(&row.district_code)
                && row.recorded_at > old.recorded_at
            {
                *old = row.clone();
            }
        }
        stamps
    }

    pub fn has(&self, district: &str) -> bool {
        self.0.contains_key(district)
    }

    /// Returns the instant of a stream's last change in a district, in microseconds; `None` for an unknown district.
    pub fn changed_at(&self, district: &str, stream: Stream) -> Option<i64> {
        self.0.get(district).map(|row| stream.changed_at(row))
    }

    /// Returns the newest recorded instant of a district (`None`: of all).
    pub fn latest(&self, district: Option<&str>) -> Result<DateTime<Utc>, Error> {
        let own = self.0.values();
        let own = own.filter(|row| district.is_none_or(|code| row.district_code == code));
        instant(own.map(|row| row.recorded_at).max().unwrap_or(0))
    }

    /// Returns the instant in microseconds that all future writes in a district (`None`: in all) are later than.
    pub(super) fn settled_until(&self, district: Option<&str>) -> i64 {
        let rows = self.0.values();
        let rows = rows.filter(|row| district.is_none_or(|code| row.district_code == code));
        rows.map(|row| row.recorded_at).min().unwrap_or(0)
    }
}

/// Returns the stamps of a district (`None`: of all) in the order of the codes.
pub async fn list(conn: &impl ConnectionTrait, district: Option<&str>) -> Result<Vec<stamp::Model>, Error> {
    Ok(select(district).all(conn).await?)
}

/// Selects the stamps of a district (`None`: of all) in the order of the codes.
pub fn select(district: Option<&str>) -> Select<stamp::Entity> {
    stamp::Entity::find()
        .apply_if(district, |q, code| q.filter(stamp::Column::DistrictCode.eq(code)))
        .order_by_asc(stamp::Column::DistrictCode)
}

/// Returns the instant of a stamp.
pub(super) fn instant(micros: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Error::internal("a stamp is outside the calendar"))
}
