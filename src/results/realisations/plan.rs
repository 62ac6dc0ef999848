//! *What was promised*: the indicators, their decree and their targets, as known at one instant.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use uuid::Uuid;

use ::entity::decree::{self, Column as D, Entity as Decrees};
use ::entity::indicator::{self, Column as I, Entity as Indicators};
use ::entity::target::{self, Column as T, Entity as Targets};

use crate::core::achievement::Polarity;
use crate::core::decimal::Hundredths;
use crate::core::formula::Formula;
use crate::core::period::Period;
use crate::plan::indicators::formula::of_row;
use crate::platform::db::stored;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;

/// The row of an indicator, its closed lists parsed.
#[derive(Clone, Debug)]
pub struct PlannedIndicator {
    pub row: indicator::Model,
    pub formula: Formula,
    pub polarity: Polarity,
}

impl TryFrom<indicator::Model> for PlannedIndicator {
    type Error = Error;

    fn try_from(row: indicator::Model) -> Result<Self, Error> {
        Ok(Self {
            formula: of_row(&row)?,
            polarity: stored::parse(&row.polarity)?,
            row,
        })
    }
}

/// The rows of the indicators asked about and their decrees.
#[derive(Debug)]
pub struct Plan {
    rows: Vec<PlannedIndicator>,
    decrees: HashMap<Uuid, decree::Model>,
}

/// An indicator as it governs a year, under its decree.
#[derive(Clone, Copy, Debug)]
pub struct InForce<'a> {
    pub indicator: &'a PlannedIndicator,
    pub decree: &'a decree::Model,
}

/// Which indicators: one by its code, those of a district, or all.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    Code(&'a str),
    District(&'a str),
    All,
}

impl Which<'_> {
    fn includes(self, indicator: &indicator::Model) -> bool {
        match self {
            Which::Code(code) => indicator.code == code,
            Which::District(district) => indicator.district_code == district,
            Which::All => true,
        }
    }
}

impl Plan {
    pub async fn load(
        conn: &impl ConnectionTrait,
        which: Which<'_>,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Self, Error> {
        let query = Indicators::find().filter(known_at::<Indicators>(as_of));
        let query = match which {
            Which::Code(code) => query.filter(I::Code.eq(code)),
            Which::District(district) => query.filter(I::DistrictCode.eq(district)),
            Which::All => query,
        };
        let rows = query.order_by_asc(I::Code).order_by_asc(I::FromYear).all(conn).await?;
        let decrees = Decrees::find()
            .filter(D::Id.is_in(rows.iter().map(|r| r.decree_id)))
            .filter(known_at::<Decrees>(as_of))
            .all(conn)
            .await?;
        Ok(Self {
            rows: rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            decrees: decrees.into_iter().map(|d| (d.id, d)).collect(),
        })
    }

    /// The district of an indicator; `None` when there is no such indicator.
    pub fn district_of(&self, code: &str) -> Option<&str> {
        let row = self.rows.iter().find(|r| r.row.code == code);
        row.map(|r| r.row.district_code.as_str())
    }

    pub fn rows(&self) -> usize {
        self.rows.len() + self.decrees.len()
    }

    /// Of those asked about, the indicators in force in a year, by district and number: of each code the row that began last, where its
    /// decree covers the year.
    pub fn in_force(&self, which: Which<'_>, year: i32) -> Vec<InForce<'_>> {
        // Rows come in the order of their first year, so the last one met governs.
        let governing: BTreeMap<&str, &PlannedIndicator> = self
            .rows
            .iter()
            .filter(|r| r.row.from_year <= year && which.includes(&r.row))
            .map(|r| (r.row.code.as_str(), r))
            .collect();
        let mut in_force: Vec<_> = governing
            .into_values()
            .filter_map(|indicator| {
                Some(InForce {
                    indicator,
                    decree: self.decrees.get(&indicator.row.decree_id)?,
                })
            })
            .filter(|f| (f.decree.first_year..=f.decree.last_year).contains(&year))
            .collect();
        in_force.sort_by_key(|f| {
            let row = &f.indicator.row;
            (&row.district_code, row.number, &row.code)
        });
        in_force
    }
}

/// Targets by indicator and canonical period.
#[derive(Debug, Default)]
pub struct PlannedTargets(HashMap<(String, String), target::Model>);

impl PlannedTargets {
    /// Those of some periods (`None`: of all).
    pub async fn load(
        conn: &impl ConnectionTrait,
        which: Which<'_>,
        periods: Option<&[Period]>,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Self, Error> {
        let names = periods.map(|periods| {
            let canonical = periods.iter().filter_map(|p| p.target_period());
            canonical.map(|p| p.to_string()).collect::<Vec<_>>()
        });
        let (code, district) = match which {
            Which::Code(code) => (Some(code), None),
            Which::District(district) => (None, Some(district)),
            Which::All => (None, None),
        };
        let rows = Targets::find()
            .filter(known_at::<Targets>(as_of))
            .apply_if(names, |q, v| q.filter(T::Period.is_in(v)))
            .apply_if(code, |q, v| q.filter(T::IndicatorCode.eq(v)))
            .apply_if(district, |q, v| q.filter(T::DistrictCode.eq(v)))
            .all(conn)
            .await?;
        Ok(Self(
            rows.into_iter()
                .map(|t| ((t.indicator_code.clone(), t.period.clone()), t))
                .collect(),
        ))
    }

    pub fn rows(&self) -> usize {
        self.0.len()
    }

    /// The target of the period's last day; no fallback from one period to another (DOMAIN section 8).
    pub fn of(&self, indicator: &str, period: Period) -> Option<Hundredths> {
        let name = period.target_period()?.to_string();
        self.0
            .get(&(indicator.to_owned(), name))
            .map(|t| Hundredths(t.value_hundredths))
    }
}
