//! Tallies: what the counted answers of a survey add up to.
//!
//! The present stands in `survey_tally`, kept in the transaction of every answer; a past instant is added up from the
//! answers themselves. Whether the two agree is asked in [`super::audit`].

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use ::entity::{response, survey, survey_tally};

use crate::core::element::Element;
use crate::core::formula::survey_index::SurveyFact;
use crate::core::skm::{Answers, ElementTallies, Tally};
use crate::facts::surveys::dto::active_elements;
use crate::platform::db::{Stamp, WriteTx};
use crate::platform::error::Error;

/// What was counted of a survey's answers: all nine elements, inactive ones too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub respondents: u64,
    pub tallies: ElementTallies,
    /// When an answer was last counted or voided (about the past: counted). `None`: there is no answer.
    pub changed_at: Option<DateTime<Utc>>,
}

impl Counted {
    /// The survey as the core judges it, with what was counted of its answers.
    pub fn fact(&self, survey: &survey::Model) -> Result<SurveyFact, Error> {
        Ok(SurveyFact {
            id: survey.id,
            status: survey.status.parse()?,
            ends_on: survey.ends_on,
            answers: Answers {
                respondents: self.respondents,
                active: active_elements(&survey.inactive_elements)?,
                tallies: self.tallies,
            },
        })
    }
}

/// Every element once: its column of an answer, its two columns of a tally, and the three members.
macro_rules! elements {
    ($($element:ident $answer:ident $n:ident $n_column:ident $sum:ident $sum_column:ident;)*) => {
        /// What one answer says about an element.
        pub fn answer_to(row: &response::Model, element: Element) -> Option<i16> {
            match element { $(Element::$element => row.$answer),* }
        }

        fn answer_column(element: Element) -> response::Column {
            match element { $(Element::$element => response::Column::$element),* }
        }

        fn tally_columns(element: Element) -> (survey_tally::Column, survey_tally::Column) {
            match element { $(Element::$element => (survey_tally::Column::$n_column, survey_tally::Column::$sum_column)),* }
        }

        /// How many answered an element, and the sum of what they said.
        pub(super) fn totals(row: &survey_tally::Model, element: Element) -> (i64, i64) {
            match element { $(Element::$element => (row.$n, row.$sum)),* }
        }

        /// The tally of a survey without counted answers.
        pub(super) fn nothing(survey_id: Uuid, changed_at: DateTime<Utc>) -> survey_tally::Model {
            survey_tally::Model { survey_id, changed_at, respondents: 0, $($n: 0, $sum: 0),* }
        }
    };
}

elements! {
    Persyaratan persyaratan n_persyaratan NPersyaratan sum_persyaratan SumPersyaratan;
    Prosedur prosedur n_prosedur NProsedur sum_prosedur SumProsedur;
    Waktu waktu n_waktu NWaktu sum_waktu SumWaktu;
    Biaya biaya n_biaya NBiaya sum_biaya SumBiaya;
    Produk produk n_produk NProduk sum_produk SumProduk;
    Kompetensi kompetensi n_kompetensi NKompetensi sum_kompetensi SumKompetensi;
    Perilaku perilaku n_perilaku NPerilaku sum_perilaku SumPerilaku;
    Sarana sarana n_sarana NSarana sum_sarana SumSarana;
    Pengaduan pengaduan n_pengaduan NPengaduan sum_pengaduan SumPengaduan;
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

/// What was counted of each of these surveys at an instant: now (`None`) from the tallies, earlier from the answers.
/// One statement either way; every survey asked for is in the answer.
pub async fn tallies(
    conn: &impl ConnectionTrait,
    survey_ids: &[Uuid],
    at: Option<DateTime<Utc>>,
) -> Result<HashMap<Uuid, Counted>, Error> {
    let ids = survey_ids.iter().copied();
    let rows = match at {
        None => {
            survey_tally::Entity::find()
                .filter(survey_tally::Column::SurveyId.is_in(ids))
                .all(conn)
                .await?
        }
        Some(_) => {
            let these = response::Column::SurveyId.is_in(ids);
            added_up(conn, counted_at(at).add(these)).await?
        }
    };
    let mut all: HashMap<Uuid, Counted> = survey_ids.iter().map(|id| (*id, Counted::default())).collect();
    for row in rows {
        all.insert(row.survey_id, counted(&row)?);
    }
    Ok(all)
}

/// The answers under a condition, added up by survey, in the shape of the tallies.
pub(super) async fn added_up(conn: &impl ConnectionTrait, which: Condition) -> Result<Vec<survey_tally::Model>, Error> {
    let mut query = response::Entity::find()
        .select_only()
        .column(response::Column::SurveyId)
        .column_as(response::Column::CountedFrom.max(), "changed_at")
        .column_as(response::Column::Id.count(), "respondents")
        .filter(which)
        .group_by(response::Column::SurveyId)
        .order_by_asc(response::Column::SurveyId);
    for element in Element::ALL {
        let (answer, code) = (answer_column(element), element.code());
        let sum: SimpleExpr = Func::coalesce([answer.sum(), Expr::value(0)]).into();
        query = query
            .column_as(answer.count(), format!("n_{code}"))
            .column_as(sum, format!("sum_{code}"));
    }
    Ok(query.into_model::<survey_tally::Model>().all(conn).await?)
}

fn counted(row: &survey_tally::Model) -> Result<Counted, Error> {
    let whole = |n: i64| u64::try_from(n).map_err(Error::internal);
    let mut tallies = ElementTallies::default();
    for element in Element::ALL {
        let (n, sum) = totals(row, element);
        let tally = Tally::new(whole(n)?, whole(sum)?)
            .ok_or_else(|| Error::internal(format!("survey {}: {n} answers add up to {sum}", row.survey_id)))?;
        tallies.set(element, tally);
    }
    Ok(Counted {
        respondents: whole(row.respondents)?,
        tallies,
        changed_at: Some(row.changed_at),
    })
}

/// What a set of answers changes in the tally of their survey.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    respondents: i64,
    elements: [(i64, i64); 9],
}

impl Change {
    pub fn add(&mut self, row: &response::Model) {
        self.respondents += 1;
        for (change, element) in self.elements.iter_mut().zip(Element::ALL) {
            if let Some(score) = answer_to(row, element) {
                change.0 += 1;
                change.1 += i64::from(score);
            }
        }
    }

    /// The change that takes these answers away again.
    pub fn reversed(self) -> Self {
        Self {
            respondents: -self.respondents,
            elements: self.elements.map(|(n, sum)| (-n, -sum)),
        }
    }
}

/// Changes the tallies: one statement a survey, in the order of their ids, after the stamps (the one lock order).
pub async fn apply(tx: &WriteTx, stamp: Stamp, changes: &BTreeMap<Uuid, Change>) -> Result<(), Error> {
    use survey_tally::Column as C;
    for (survey, change) in changes {
        let plus = |column: C, n: i64| Expr::col(column).add(n);
        let mut update = survey_tally::Entity::update_many()
            .col_expr(C::ChangedAt, Expr::value(stamp.at))
            .col_expr(C::Respondents, plus(C::Respondents, change.respondents))
            .filter(C::SurveyId.eq(*survey));
        for (element, (n, sum)) in Element::ALL.into_iter().zip(change.elements) {
            let (n_column, sum_column) = tally_columns(element);
            update = update
                .col_expr(n_column, plus(n_column, n))
                .col_expr(sum_column, plus(sum_column, sum));
        }
        if update.exec(tx).await?.rows_affected != 1 {
            return Err(Error::internal(format!("survey {survey} has no tally")));
        }
    }
    Ok(())
}
