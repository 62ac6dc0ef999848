//! The stamps of one state of the database: in memory, or read as they are needed.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};

use ::entity::stamp;

use super::reading::{ReadTx, Reads, View};
use super::stream::{Stamps, select};
use crate::platform::error::Error;

/// The state of the plans of all districts. It changes with every new district, decree and indicator: a stamp only grows,
/// so the sums of all stamps grow with each change. Seconds and microseconds are added up apart, so that no sum exceeds 64
/// bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct PlanState {
    pub districts: i64,
    pub seconds: i64,
    pub micros: i64,
}

const MICROS: i64 = 1_000_000;

/// The stamps of one state of the database.
#[derive(Debug)]
pub enum StampView<'a> {
    /// All of them, in memory.
    Memory(Arc<Stamps>),
    /// Read as they are needed, in one state.
    Database(&'a ReadTx),
    /// Read as they are needed, each time in the current state.
    Current(ReadTx),
}

impl StampView<'_> {
    /// Returns the stamps in memory, or the view to read them from.
    fn source(&self) -> Result<&Arc<Stamps>, &ReadTx> {
        match self {
            Self::Memory(all) => Ok(all),
            Self::Database(tx) => Err(tx),
            Self::Current(tx) => Err(tx),
        }
    }

    /// Returns at least the stamps of these districts, as far as they exist.
    pub async fn of(&self, districts: impl IntoIterator<Item = &str>) -> Result<Arc<Stamps>, Error> {
        let conn = match self.source() {
            Ok(all) => return Ok(Arc::clone(all)),
            Err(conn) => conn,
        };
        let rows = select(None).filter(stamp::Column::DistrictCode.is_in(districts));
        Ok(Arc::new(Stamps::new(rows.all(conn).await?)))
    }

    /// Returns the state of all plans.
    pub async fn plans(&self) -> Result<PlanState, Error> {
        let conn = match self.source() {
            Err(conn) => conn,
            Ok(all) => {
                return Ok(all.0.values().fold(PlanState::default(), |sum, row| PlanState {
                    districts: sum.districts + 1,
                    seconds: sum.seconds + row.decrees / MICROS + row.indicators / MICROS,
                    micros: sum.micros + row.decrees % MICROS + row.indicators % MICROS,
                }));
            }
        };
        let sum = |sign: &str| {
            let sum = format!("COALESCE(SUM(decrees {sign} {MICROS} + indicators {sign} {MICROS}), 0)");
            Expr::cust(format!("CAST({sum} AS bigint)"))
        };
        let sums = stamp::Entity::find()
            .select_only()
            .column_as(stamp::Column::DistrictCode.count(), "districts")
            .column_as(sum("/"), "seconds")
            .column_as(sum("%"), "micros");
        Ok(sums.into_model().one(conn).await?.unwrap_or_default())
    }

    /// Returns the only district; `None` if there are several or none.
    pub async fn only_district(&self) -> Result<Option<String>, Error> {
        let codes: Vec<String> = match self.source() {
            Ok(all) => all.0.keys().take(2).cloned().collect(),
            Err(conn) => {
                let two = select(None).select_only().column(stamp::Column::DistrictCode).limit(2);
                two.into_tuple().all(conn).await?
            }
        };
        Ok(<[String; 1]>::try_from(codes).ok().map(|[code]| code))
    }

    /// Returns whether all future writes in a district (`None`: in all) are later than `as_of` (`None`: now). If not, a
    /// running write may still get an earlier instant.
    pub async fn is_settled(&self, as_of: Option<DateTime<Utc>>, district: Option<&str>) -> Result<bool, Error> {
        let Some(as_of) = as_of else {
            return Ok(true);
        };
        let settled_until = match self.source() {
            Ok(all) => all.settled_until(district),
            Err(conn) => {
                let earliest = stamp::Entity::find()
                    .apply_if(district, |q, code| q.filter(stamp::Column::DistrictCode.eq(code)))
                    .select_only()
                    .column_as(stamp::Column::RecordedAt.min(), "settled_until");
                let earliest: Option<Option<i64>> = earliest.into_tuple().one(conn).await?;
                earliest.flatten().unwrap_or(0)
            }
        };
        Ok(as_of.timestamp_micros() <= settled_until)
    }
}

impl Reads {
    /// Returns the current stamps: all of them if they are in memory, else to be read as they are needed.
    pub async fn stamp_view(&self) -> Result<StampView<'_>, Error> {
        Ok(match self.memory {
            Some(_) => StampView::Memory(self.stamps(None).await?),
            None => StampView::Current(self.view(View::Current)),
        })
    }
}

impl ReadTx {
    /// Returns the stamps in this state.
    pub async fn stamp_view(&self) -> Result<StampView<'_>, Error> {
        Ok(match self.view {
            View::Optimistic(_) => StampView::Memory(self.reads.stamps(None).await?),
            _ => StampView::Database(self),
        })
    }
}
