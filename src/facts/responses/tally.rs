//! Tallies: the counted answers of a survey, added up.
//!
//! `survey_tally` holds the present and changes in the transaction of every answer. For a past instant the database
//! adds up the answers themselves. [`super::audit`] compares the two.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

use ::entity::{response, survey_tally};

use crate::core::element::Element;
use crate::core::formula::survey_index::SurveyFact;
use crate::core::skm::{Answers, ElementTallies, Tally};
use crate::facts::surveys::dto::active_elements;
use crate::platform::db::{Stamp, WriteTx};
use crate::platform::error::{Error, OrInternal};

/// The value of a tally, or a change of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub respondents: i64,
    /// The number of answers and their sum, of each element in the order of the questionnaire.
    pub elements: [(i64, i64); 9],
}

impl Totals {
    pub fn new(respondents: i64, elements: &str) -> Result<Self, Error> {
        Ok(Self {
            respondents,
            elements: serde_json::from_str(elements).or_internal()?,
        })
    }

    pub fn of(row: &survey_tally::Model) -> Result<Self, Error> {
        Self::new(row.respondents, &row.elements)
    }

    pub fn to_row(self, survey_id: Uuid, changed_at: DateTime<Utc>) -> Result<survey_tally::Model, Error> {
        Ok(survey_tally::Model {
            survey_id,
            changed_at,
            respondents: self.respondents,
            elements: serde_json::to_string(&self.elements).or_internal()?,
        })
    }

    /// Counts an answer.
    pub fn count(&mut self, row: &response::Model) {
        self.respondents += 1;
        for ((n, sum), element) in self.elements.iter_mut().zip(Element::ALL) {
            if let Some(score) = score(row, element) {
                *n += 1;
                *sum += i64::from(score);
            }
        }
    }

    pub fn plus(mut self, other: Self) -> Self {
        self.respondents += other.respondents;
        for (own, more) in self.elements.iter_mut().zip(other.elements) {
            *own = (own.0 + more.0, own.1 + more.1);
        }
        self
    }

    pub fn negated(self) -> Self {
        Self {
            respondents: -self.respondents,
            elements: self.elements.map(|(n, sum)| (-n, -sum)),
        }
    }
}

fn score(row: &response::Model, element: Element) -> Option<i16> {
    match element {
        Element::Persyaratan => row.persyaratan,
        Element::Prosedur => row.prosedur,
        Element::Waktu => row.waktu,
        Element::Biaya => row.biaya,
        Element::Produk => row.produk,
        Element::Kompetensi => row.kompetensi,
        Element::Perilaku => row.perilaku,
        Element::Sarana => row.sarana,
        Element::Pengaduan => row.pengaduan,
    }
}

/// The counted answers of a survey, as the core takes them: all nine elements, inactive ones too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub respondents: u64,
    pub tallies: ElementTallies,
    /// When an answer was last counted or voided (about the past: counted). `None`: there is no answer.
    pub changed_at: Option<DateTime<Utc>>,
}

impl Counted {
    pub fn new(totals: Totals, changed_at: DateTime<Utc>) -> Result<Self, Error> {
        let whole = |n: i64| u64::try_from(n).or_internal();
        let mut tallies = ElementTallies::default();
        for (element, (n, sum)) in Element::ALL.into_iter().zip(totals.elements) {
            let tally = Tally::new(whole(n)?, whole(sum)?)
                .ok_or_else(|| Error::internal(format!("{n} answers cannot add up to {sum}")))?;
            tallies.set(element, tally);
        }
        Ok(Self {
            respondents: whole(totals.respondents)?,
            tallies,
            changed_at: Some(changed_at),
        })
    }

    /// Returns the survey with its answers, as the core takes it.
    pub fn fact(&self, id: Uuid, status: &str, ends_on: NaiveDate, inactive: &str) -> Result<SurveyFact, Error> {
        Ok(SurveyFact {
            id,
            status: status.parse()?,
            ends_on,
            answers: Answers {
                respondents: self.respondents,
                active: active_elements(inactive)?,
                tallies: self.tallies,
            },
        })
    }
}

/// The answers that counted at an instant (`None`: now).
pub fn counted_at(at: Option<DateTime<Utc>>) -> Condition {
    use response::Column::{CountedFrom, CountedUntil};
    match at {
        None => Condition::all()
            .add(CountedFrom.is_not_null())
            .add(CountedUntil.is_null()),
        Some(t) => Condition::all()
            .add(CountedFrom.lte(t))
            .add(Condition::any().add(CountedUntil.is_null()).add(CountedUntil.gt(t))),
    }
}

/// Returns the counted answers of each survey at an instant: now (`None`) from the tallies, earlier from the answers.
/// One statement in both cases.
pub async fn tallies(
    conn: &impl ConnectionTrait,
    survey_ids: &[Uuid],
    at: Option<DateTime<Utc>>,
) -> Result<HashMap<Uuid, Counted>, Error> {
    let ids = survey_ids.iter().copied();
    let rows = match at {
        None => {
            let tallies = survey_tally::Entity::find().filter(survey_tally::Column::SurveyId.is_in(ids));
            tallies.all(conn).await?
        }
        Some(_) => {
            let answers = counted_at(at).add(response::Column::SurveyId.is_in(ids));
            sum_responses(answers).into_model().all(conn).await?
        }
    };
    let mut all: HashMap<Uuid, Counted> = survey_ids.iter().map(|id| (*id, Counted::default())).collect();
    for row in rows {
        all.insert(row.survey_id, Counted::new(Totals::of(&row)?, row.changed_at)?);
    }
    Ok(all)
}

/// Selects the answers under a condition, added up by survey, with the columns of `survey_tally`. The columns of
/// `response` are named by the codes of the elements.
pub fn sum_responses(condition: Condition) -> Select<response::Entity> {
    let totals = Element::ALL.map(|element| {
        let code = element.code();
        format!("COUNT({code}) || ',' || COALESCE(SUM({code}), 0)")
    });
    let elements = format!("'[[' || {} || ']]'", totals.join(" || '],[' || "));
    response::Entity::find()
        .select_only()
        .column(response::Column::SurveyId)
        .column_as(response::Column::CountedFrom.max(), "changed_at")
        .column_as(response::Column::Id.count(), "respondents")
        .column_as(Expr::cust(elements), "elements")
        .filter(condition)
        .group_by(response::Column::SurveyId)
}

/// Changes the tallies. The transaction has the stamps of the surveys' districts, so no other transaction changes them
/// between the SELECT and the UPDATEs; these go by id, the one lock order.
pub async fn apply(tx: &WriteTx, stamp: Stamp, changes: &BTreeMap<Uuid, Totals>) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let ids = survey_tally::Column::SurveyId.is_in(changes.keys().copied());
    let rows = survey_tally::Entity::find().filter(ids).all(tx).await?;
    let rows: HashMap<Uuid, survey_tally::Model> = rows.into_iter().map(|row| (row.survey_id, row)).collect();
    for (survey, change) in changes {
        let row = rows
            .get(survey)
            .ok_or_else(|| Error::internal(format!("survey {survey} has no tally")))?;
        let row = Totals::of(row)?.plus(*change).to_row(*survey, stamp.at)?;
        survey_tally::Entity::update_many()
            .col_expr(survey_tally::Column::ChangedAt, Expr::value(row.changed_at))
            .col_expr(survey_tally::Column::Respondents, Expr::value(row.respondents))
            .col_expr(survey_tally::Column::Elements, Expr::value(row.elements))
            .filter(survey_tally::Column::SurveyId.eq(*survey))
            .exec(tx)
            .await?;
    }
    Ok(())
}
