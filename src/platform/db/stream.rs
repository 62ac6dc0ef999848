//! The streams of facts, and the stamps that hold their last changes.

use aws_lc_rs::digest::{Context, SHA256};
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

            pub(super) fn set(self, row: &mut stamp::Model, at: i64) {
                match self { $(Self::$stream => row.$column = at),* }
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

    /// Returns the stamps after later stamps of some of the districts. Of two stamps of a district the later one stays.
    pub fn advanced(&self, rows: &[stamp::Model]) -> Self {
        let later = |old: &stamp::Model| {
            let same = rows.iter().filter(|row| row.district_code == old.district_code);
            same.chain([old])
                .max_by_key(|row| row.recorded_at)
                .unwrap_or(old)
                .clone()
        };
        Self(self.0.iter().map(later).collect())
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
