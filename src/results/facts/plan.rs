//! The plan of a district: the indicators, their decrees and their targets.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};

use ::entity::agreement;
use ::entity::decree::{self, Column as D, Entity as Decrees};
use ::entity::district::{Column as C, Entity as Districts};
use ::entity::indicator::{self, Column as I, Entity as Indicators};
use ::entity::target::{Column as T, Entity as Targets};

use super::records::{ByDistrict, Recorded, Scope};
use crate::core::achievement::Polarity;
use crate::core::decimal::Hundredths;
use crate::core::formula::Formula;
use crate::core::period::{Period, PeriodKind};
use crate::plan::agreements::query::of_targets;
use crate::plan::indicators::formula::of_row;
use crate::plan::indicators::service::not_in_force;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;

/// An indicator as it governs from a year on, under its decree.
#[derive(Debug)]
pub struct PlannedIndicator {
    pub row: indicator::Model,
    pub formula: Formula,
    pub polarity: Polarity,
    pub decree: Arc<decree::Model>,
    /// By canonical period.
    targets: Arc<HashMap<String, PlannedTarget>>,
}

/// A target, and the agreement that promises it.
#[derive(Debug)]
struct PlannedTarget {
    value: Hundredths,
    agreement: Option<Arc<agreement::Model>>,
}

impl PlannedIndicator {
    /// Returns the district and the formula; the facts to read follow from them.
    pub fn reads(&self) -> (&str, Formula) {
        (&self.row.district_code, self.formula)
    }

    /// Returns the target of the period's last day; no other period replaces it (DOMAIN section 8).
    pub fn target(&self, period: Period) -> Option<Hundredths> {
        self.planned(period).map(|target| target.value)
    }

    /// Returns the agreement that promises the target of a period.
    pub fn agreement(&self, period: Period) -> Option<&agreement::Model> {
        self.planned(period)?.agreement.as_deref()
    }

    fn planned(&self, period: Period) -> Option<&PlannedTarget> {
        self.targets.get(&period.target_period()?.to_string())
    }

    /// Returns the target of a whole year.
    pub fn year_target(&self, year: i32) -> Option<Hundredths> {
        self.target(Period::new(year, PeriodKind::Year, 1)?)
    }
}

/// The indicators of some districts.
#[derive(Debug)]
pub struct Plan(pub ByDistrict<PlannedIndicator>);

impl Plan {
    /// Returns the indicators in force in a year, by district and number: the row of each code that began last, if its
    /// decree covers the year.
    pub fn in_force(&self, year: i32) -> Vec<&PlannedIndicator> {
        // Rows come in the order of their first year, so the last row of a code governs.
        let rows = self.0.iter().map(|(_, indicator)| indicator);
        let governing: BTreeMap<&str, &PlannedIndicator> = rows
            .filter(|i| i.row.from_year <= year)
            .map(|i| (i.row.code.as_str(), i))
            .collect();
        let covers = |i: &&PlannedIndicator| (i.decree.first_year..=i.decree.last_year).contains(&year);
        let mut in_force: Vec<_> = governing.into_values().filter(covers).collect();
        in_force.sort_by_key(|i| (&i.row.district_code, i.row.number, &i.row.code));
        in_force
    }

    /// Returns the indicator of this code as it governs a year; 404 if it is not in force then.
    pub fn indicator(&self, code: &str, year: i32) -> Result<&PlannedIndicator, Error> {
        let found = self.in_force(year).into_iter().find(|i| i.row.code == code);
        found.ok_or_else(|| not_in_force(year))
    }
}

/// Returns the district of the indicator with this code, which is the same in all its versions.
pub async fn district_of(conn: &impl ConnectionTrait, code: &str) -> Result<Option<String>, Error> {
    let of_code = Indicators::find().filter(I::Code.eq(code));
    let district = of_code.select_only().column(I::DistrictCode).limit(1);
    Ok(district.into_tuple().one(conn).await?)
}

/// Selects the indicators of all districts that are in force in a year, as [`Plan::in_force`] does.
pub fn in_force(year: i32, at: Option<DateTime<Utc>>) -> Select<Indicators> {
    let decree = Query::select()
        .expr(Expr::val(1))
        .from(Decrees)
        .and_where(Expr::col((Decrees, D::Id)).equals((Indicators, I::DecreeId)))
        .and_where(D::FirstYear.lte(year))
        .and_where(D::LastYear.gte(year))
        .cond_where(known_at::<Decrees>(at))
        .take();
    Indicators::find()
        .filter(known_at::<Indicators>(at))
        .filter(I::FromYear.lte(year))
        .filter(Expr::exists(decree))
        .filter(Expr::exists(replaced_by(at, Expr::val(year))).not())
}

/// Selects the later rows of an indicator's code that begin in a year or before it.
fn replaced_by(at: Option<DateTime<Utc>>, year: Expr) -> SelectStatement {
    let newer = Alias::new("newer");
    let of_newer = |column: I| Expr::col((newer.clone(), column));
    let is_current = of_newer(I::SupersededAt).is_null();
    let is_known = match at {
        None => Condition::all().add(is_current),
        Some(t) => Condition::all()
            .add(of_newer(I::RecordedAt).lte(t))
            .add(Condition::any().add(is_current).add(of_newer(I::SupersededAt).gt(t))),
    };
    Query::select()
        .expr(Expr::val(1))
        .from_as(Indicators, newer.clone())
        .and_where(of_newer(I::Code).equals((Indicators, I::Code)))
        .and_where(of_newer(I::FromYear).lte(year))
        .and_where(of_newer(I::FromYear).gt(Expr::col((Indicators, I::FromYear))))
        .cond_where(is_known)
        .take()
}

/// The most districts that [`districts_not_in_force`] returns.
const MOST_NOT_IN_FORCE: u64 = 100;

/// A district in which no indicator is in force in a year.
#[derive(Debug, FromQueryResult)]
pub struct YearNotInForce {
    pub district_code: String,
    /// The last year in which an indicator is in force; `None`: there is no such year.
    pub last_year: Option<i32>,
}

/// Returns the districts (`None`: of all) in which no indicator is in force in a year, first those in which one was.
pub async fn districts_not_in_force(
    conn: &impl ConnectionTrait,
    district: Option<&str>,
    year: i32,
    at: Option<DateTime<Utc>>,
) -> Result<Vec<YearNotInForce>, Error> {
    let of_district = || Expr::col((Indicators, I::DistrictCode)).equals((Districts, C::Code));
    let in_force = in_force(year, at).filter(of_district()).into_query();
    let last_year = Query::select()
        .expr(Expr::col((Decrees, D::LastYear)).max())
        .from(Indicators)
        .inner_join(Decrees, Expr::col((Decrees, D::Id)).equals((Indicators, I::DecreeId)))
        .and_where(of_district())
        .cond_where(known_at::<Indicators>(at))
        .cond_where(known_at::<Decrees>(at))
        .and_where(Expr::exists(replaced_by(at, Expr::col((Decrees, D::LastYear)))).not())
        .take();
    let last_year = Expr::SubQuery(None, Box::new(last_year.into()));
    let query = Districts::find()
        .select_only()
        .column_as(C::Code, "district_code")
        .column_as(last_year.clone(), "last_year")
        .filter(Expr::exists(in_force).not())
        .apply_if(district, |q, code| q.filter(C::Code.eq(code)))
        .order_by_asc(last_year.is_null())
        .order_by_asc(C::Code)
        .limit(MOST_NOT_IN_FORCE);
    Ok(query.into_model().all(conn).await?)
}

pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<PlannedIndicator>>, Error> {
    let rows = Indicators::find()
        .filter(I::DistrictCode.is_in(&scope.districts))
        .filter(known_at::<Indicators>(scope.as_of))
        .order_by_asc(I::Code)
        .order_by_asc(I::FromYear)
        .all(conn)
        .await?;
    let decrees = Decrees::find()
        .filter(D::DistrictCode.is_in(&scope.districts))
        .filter(known_at::<Decrees>(scope.as_of))
        .all(conn)
        .await?;
    let decrees: HashMap<_, _> = decrees.into_iter().map(|d| (d.id, Arc::new(d))).collect();
    let planned = Targets::find()
        .filter(T::DistrictCode.is_in(&scope.districts))
        .filter(known_at::<Targets>(scope.as_of))
        .all(conn)
        .await?;
    let agreements = of_targets(conn, &planned, scope.as_of).await?;
    let agreements: HashMap<_, _> = agreements.into_iter().map(|(id, a)| (id, Arc::new(a))).collect();
    let mut targets = HashMap::<String, HashMap<String, PlannedTarget>>::new();
    for target in planned {
        let agreement = target.agreement_id.and_then(|id| agreements.get(&id).map(Arc::clone));
        let value = Hundredths(target.value_hundredths);
        let of_indicator = targets.entry(target.indicator_code).or_default();
        of_indicator.insert(target.period, PlannedTarget { value, agreement });
    }
    let targets: HashMap<_, _> = targets.into_iter().map(|(code, t)| (code, Arc::new(t))).collect();
    rows.into_iter()
        .map(|row| {
            let decree = decrees.get(&row.decree_id).map(Arc::clone);
            let fact = PlannedIndicator {
                formula: of_row(&row)?,
                polarity: row.polarity.parse()?,
                decree: decree.ok_or_else(|| Error::internal(format!("indicator {}: no decree", row.code)))?,
                targets: targets.get(&row.code).map(Arc::clone).unwrap_or_default(),
                row,
            };
            Ok(Recorded::new(
                fact.row.district_code.clone(),
                fact.row.version,
                fact.row.recorded_at,
                fact,
            ))
        })
        .collect()
}
