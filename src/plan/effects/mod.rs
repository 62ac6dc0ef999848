//! What a change of indicators or decrees does to the values: the periods that it moves, and the indicators that it hides.
//!
//! The plan before the change is compared with the plan after it, year by year, so every change has the same rule.

mod hidden;
mod in_force;

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use sea_orm::ConnectionTrait;

use self::in_force::InForce;
use crate::core::civil;
use crate::core::period::Period;
use crate::plan::indicators::query::rows_of_district;
use crate::plan::indicators::rules::Row;
use crate::platform::db::Stamp;
use crate::platform::error::{Code, Error};
use crate::platform::http::Warning;

/// A warning names at most this many indicators.
const MOST_CODES: usize = 100;

/// A change of the plan of a district, under its stamp.
#[derive(Debug)]
pub struct Change {
    /// All rows before the change, by code and first year.
    pub rows: Vec<Row>,
    before: InForce,
    district: String,
    today: NaiveDate,
}

impl Change {
    /// Begins a change that names a first year. 422 if that year is over and there is no reason.
    pub async fn begin(
        conn: &impl ConnectionTrait,
        stamp: Stamp,
        district: &str,
        first_year: i32,
        reason: Option<&str>,
    ) -> Result<Self, Error> {
        let today = civil::date_of(stamp.at);
        if reason.is_none() && first_year < today.year() {
            return Err(Error::new(Code::ReasonRequired).at("#/reason"));
        }
        let rows = rows_of_district(conn, district).await?;
        Ok(Self {
            before: InForce::of(&rows)?,
            rows,
            district: district.to_owned(),
            today,
        })
    }

    /// Compares the plan as it is now with the plan before: the periods that are over and that the change moves, and the
    /// indicators with targets or facts that it hides.
    pub async fn warnings(&self, conn: &impl ConnectionTrait) -> Result<Vec<Warning>, Error> {
        let after = InForce::of(&rows_of_district(conn, &self.district).await?)?;
        let effects = self.before.effects(&after);
        let periods = ended_periods(&effects.moved, self.today);
        let hidden = hidden::with_data(conn, &self.district, &effects.hidden).await?;
        let moved = (!periods.is_empty()).then(|| Warning::periods_moved(periods));
        let hidden: Vec<String> = hidden.into_iter().take(MOST_CODES).collect();
        let hidden = (!hidden.is_empty()).then(|| Warning::indicators_hidden(hidden));
        Ok(moved.into_iter().chain(hidden).collect())
    }
}

/// Returns the quarters and years of some years that are over on a day.
fn ended_periods(years: &BTreeSet<i32>, today: NaiveDate) -> Vec<Period> {
    let periods = years.iter().flat_map(|year| Period::target_periods(*year));
    periods.filter(|period| period.last_day() < today).collect()
}
