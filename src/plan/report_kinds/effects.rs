//! The years in which a change of a report kind moves values.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use sea_orm::ConnectionTrait;

use ::entity::report_kind::{self, Entity as Kinds};

use super::dto::ReportKind;
use crate::core::civil;
use crate::core::period::YEARS;
use crate::places::structure::{self, Effect};
use crate::plan::by_year;
use crate::platform::db::Stamp;
use crate::platform::error::{Code, Error};
use crate::platform::http::Warning;

/// A change of a kind, under its stamp.
#[derive(Debug)]
pub struct Change {
    code: String,
    before: Owed,
    /// The periods that the change can move.
    warning: Option<Warning>,
}

/// What decides the obligations of a kind, by the years in which it is owed.
type Owed = BTreeMap<i32, (String, i32, i32, i32)>;

impl Change {
    /// Begins a change of the rows from this row on. 422 if the row's first year is over and there is no reason.
    pub async fn begin(
        conn: &impl ConnectionTrait,
        stamp: Stamp,
        row: &report_kind::Model,
        reason: Option<&str>,
    ) -> Result<Self, Error> {
        let today: NaiveDate = civil::date_of(stamp.at);
        if reason.is_none() && row.from_year < today.year() {
            return Err(Error::new(Code::ReasonRequired).at("#/reason"));
        }
        let effect = Effect::in_years(row.from_year, None);
        Ok(Self {
            code: row.code.clone(),
            before: owed(&by_year::rows_of::<Kinds>(conn, &row.code).await?),
            warning: structure::check(conn, stamp, None, effect, reason).await?,
        })
    }

    /// Returns a row as the response to the change, with its warnings.
    pub async fn end(self, conn: &impl ConnectionTrait, row: report_kind::Model) -> Result<ReportKind, Error> {
        Ok(ReportKind {
            warnings: self.warnings(conn).await?,
            ..row.try_into()?
        })
    }

    /// Compares the obligations as they are now with those before: a warning if periods that are over have others.
    pub async fn warnings(self, conn: &impl ConnectionTrait) -> Result<Vec<Warning>, Error> {
        let after = owed(&by_year::rows_of::<Kinds>(conn, &self.code).await?);
        let moved: BTreeSet<i32> = YEARS.filter(|year| self.before.get(year) != after.get(year)).collect();
        let mut warning = self.warning;
        if let Some(warning) = &mut warning {
            warning.periods.retain(|period| moved.contains(&period.year()));
        }
        Ok(warning.into_iter().filter(|w| !w.periods.is_empty()).collect())
    }
}

/// `rows`: the rows of one kind, by first year.
fn owed(rows: &[report_kind::Model]) -> Owed {
    let ends = rows.iter().skip(1).map(|row| row.from_year).chain([*YEARS.end() + 1]);
    let mut owed = Owed::new();
    for (row, end) in rows.iter().zip(ends) {
        let first = row
            .valid_from_year
            .map_or(row.from_year, |year| year.max(row.from_year));
        let last = row.valid_to_year.map_or(end - 1, |year| year.min(end - 1));
        let terms = (
            row.group_code.clone(),
            row.due_month,
            row.due_day,
            row.fiscal_year_offset,
        );
        owed.extend((first..=last).map(|year| (year, terms.clone())));
    }
    owed
}
