//! The closed values of periods. Without `as_of` a closed period answers the value that was closed, and beside it what it would be
//! now; with `as_of` the value is computed. Beside each value stands the note of its period.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, JoinType, Query as Subquery};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use ::entity::closing::{Column as C, Entity as Closings};
use ::entity::closing_document::{Column as D, Entity as Documents};

use super::dto::{PeriodClosing, PeriodNote, Realisation, RevisedValue};
use super::notes::Notes;
use crate::core::period::Period;
use crate::platform::db::Stream;
use crate::platform::error::{Error, OrInternal};
use crate::platform::text::Lang;
use crate::results::facts::FactReader;
use crate::results::query::Query;

/// The closed realisations of a period, by the code of the indicator.
pub type ClosedValues = BTreeMap<String, ClosedValue>;

/// The closed realisation of one indicator, as a closing stores it as JSON. A new member needs a default.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClosedValue {
    pub objective: String,
    /// With its sentences in Indonesian.
    pub id: Realisation,
    /// With its sentences in English.
    pub en: Realisation,
}

impl ClosedValue {
    pub fn in_lang(&self, lang: Lang) -> &Realisation {
        match lang {
            Lang::Id => &self.id,
            Lang::En => &self.en,
        }
    }
}

/// The last closing of a period of a district.
struct ClosedPeriod {
    closing: PeriodClosing,
    values: ClosedValues,
}

/// What is shown of some districts in place of the values of now, and beside them.
#[derive(Default)]
pub struct Closed {
    /// By district and canonical period.
    periods: HashMap<(String, String), ClosedPeriod>,
    notes: Notes,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    district_code: String,
    period: String,
    version: i32,
    closed_at: DateTime<Utc>,
    closed_by: String,
    statement_sha256: String,
    realisations: String,
}

impl Closed {
    /// Returns the closings of these periods, none if the query names an instant, and their notes. A district that closed
    /// nothing costs no statement.
    pub async fn load(
        reader: &FactReader<'_>,
        query: &Query<'_>,
        districts: impl IntoIterator<Item = &str>,
        periods: impl IntoIterator<Item = Period>,
    ) -> Result<Self, Error> {
        let periods = periods.into_iter().filter_map(Period::target_period);
        let periods: BTreeSet<String> = periods.map(|period| period.to_string()).collect();
        let districts: BTreeSet<&str> = districts.into_iter().collect();
        let notes = Notes::load(reader, query, districts.iter().copied(), &periods).await?;
        let open = |notes| Self {
            notes,
            ..Self::default()
        };
        if query.as_of.is_some() {
            return Ok(open(notes));
        }
        let mut closers = BTreeSet::new();
        for district in districts {
            if reader.depends_on(district, &[Stream::Closings]).await? > 0 {
                closers.insert(district.to_owned());
            }
        }
        if closers.is_empty() || periods.is_empty() {
            return Ok(open(notes));
        }
        let rows = last(query.known_at())
            .select_only()
            .columns([
                C::Id,
                C::DistrictCode,
                C::Period,
                C::Version,
                C::ClosedAt,
                C::ClosedBy,
                C::StatementSha256,
            ])
            .column(D::Realisations)
            .join(
                JoinType::InnerJoin,
                Closings::belongs_to(Documents).from(C::Id).to(D::ClosingId).into(),
            )
            .filter(C::DistrictCode.is_in(closers))
            .filter(C::Period.is_in(periods))
            .into_model::<Row>()
            .all(&reader.tx())
            .await?;
        let closed = rows.into_iter().map(|row| {
            let closing = PeriodClosing {
                id: row.id,
                version: row.version,
                closed_at: row.closed_at,
                closed_by: row.closed_by,
                statement_sha256: row.statement_sha256,
                revised: None,
            };
            let values = serde_json::from_str(&row.realisations).or_internal()?;
            Ok(((row.district_code, row.period), ClosedPeriod { closing, values }))
        });
        let periods = closed.collect::<Result<_, Error>>()?;
        Ok(Self { periods, notes })
    }

    fn of(&self, district: &str, period: Period) -> Option<&ClosedPeriod> {
        let period = period.target_period()?;
        self.periods.get(&(district.to_owned(), period.to_string()))
    }

    /// Returns the closed value in place of the value of now, if the period is closed and the closing has the indicator.
    pub fn shown(&self, query: &Query<'_>, now: Realisation) -> Realisation {
        let closed = self.of(now.district_code.as_str(), now.period).and_then(|closed| {
            let value = closed.values.get(now.indicator.code.as_str())?;
            Some(closed.realisation(query, value, now.period, Some(&now)))
        });
        self.beside(closed.unwrap_or(now))
    }

    /// Returns the note of a period.
    pub fn note(&self, code: &str, period: Period) -> Option<&PeriodNote> {
        self.notes.of(code, period)
    }

    /// Returns a value with its note.
    fn beside(&self, value: Realisation) -> Realisation {
        let note = self.notes.of(value.indicator.code.as_str(), value.period).cloned();
        Realisation { note, ..value }
    }

    /// Returns the closed value of an indicator that is no longer in force.
    pub fn alone(&self, query: &Query<'_>, district: &str, code: &str, period: Period) -> Option<Realisation> {
        let closed = self.of(district, period)?;
        let value = closed.values.get(code)?;
        Some(self.beside(closed.realisation(query, value, period, None)))
    }

    /// Returns the values of a district by number, each with its objective: the closed values in place of the values of now, and
    /// those of indicators that are no longer in force.
    pub fn sheet(
        &self,
        query: &Query<'_>,
        district: &str,
        period: Period,
        now: Vec<(String, Realisation)>,
    ) -> Vec<(String, Realisation)> {
        let beside = |(objective, value)| (objective, self.beside(value));
        let Some(closed) = self.of(district, period) else {
            return now.into_iter().map(beside).collect();
        };
        let mut gone: BTreeMap<&str, &ClosedValue> = closed.values.iter().map(|(c, v)| (c.as_str(), v)).collect();
        let mut all = Vec::with_capacity(now.len());
        for (objective, now) in now {
            all.push(match gone.remove(now.indicator.code.as_str()) {
                Some(value) => (
                    value.objective.clone(),
                    closed.realisation(query, value, period, Some(&now)),
                ),
                None => (objective, now),
            });
        }
        for value in gone.into_values() {
            all.push((value.objective.clone(), closed.realisation(query, value, period, None)));
        }
        all.sort_by(|(_, a), (_, b)| {
            let key = |value: &'_ Realisation| (value.indicator.number, value.indicator.code.to_string());
            key(a).cmp(&key(b))
        });
        all.into_iter().map(beside).collect()
    }
}

impl ClosedPeriod {
    fn realisation(
        &self,
        query: &Query<'_>,
        value: &ClosedValue,
        period: Period,
        now: Option<&Realisation>,
    ) -> Realisation {
        let closed = value.in_lang(query.lang.unwrap_or(Lang::Id));
        let revised = now.map(|now| RevisedValue::of(now, closed));
        Realisation {
            // Equivalent periods have one closing.
            period,
            closing: Some(PeriodClosing {
                revised,
                ..self.closing.clone()
            }),
            ..closed.clone()
        }
    }
}

/// Selects the last closing of each period of a district, as known at an instant.
fn last(at: Option<DateTime<Utc>>) -> Select<Closings> {
    let newer = |column: C| Expr::col((Alias::new("newer"), column));
    let replaced = Subquery::select()
        .expr(Expr::val(1))
        .from_as(Closings, Alias::new("newer"))
        .and_where(newer(C::DistrictCode).equals((Closings, C::DistrictCode)))
        .and_where(newer(C::Period).equals((Closings, C::Period)))
        .and_where(newer(C::Version).gt(Expr::col((Closings, C::Version))))
        .and_where_option(at.map(|t| newer(C::ClosedAt).lte(t)))
        .take();
    let known = Condition::all().add_option(at.map(|t| C::ClosedAt.lte(t)));
    Closings::find().filter(known).filter(Expr::exists(replaced).not())
}
