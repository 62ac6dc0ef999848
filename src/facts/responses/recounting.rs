//! Compares the tallies with the answers ([`verify_tallies`]), and corrects them ([`recount`]).
//!
//! Both read the answers once, in the order of an index, and let the database add them up. Neither holds the answers in
//! memory.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, OnConflict, SimpleExpr};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

use ::entity::{response, survey_tally};

use super::dto::ResponseMode;
use super::profile::{Counts, ProfileCodes};
use super::tally::{Totals, sum_with_profile};
use crate::core::element::Element;
use crate::platform::db::{Stream, WriteTx, stamps};
use crate::platform::error::Error;

/// The tally of a survey and the sum of its answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    pub survey_id: Uuid,
    /// `None`: the survey has no tally.
    pub tally: Option<Totals>,
    /// The sum of the counted answers; `None`: there are none.
    pub answers: Option<Totals>,
}

/// A figure of a tally and the same figure of the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    Respondents {
        tally: i64,
        answers: i64,
    },
    /// The number of answers to the element, and their sum.
    Element {
        element: Element,
        tally: (i64, i64),
        answers: (i64, i64),
    },
    /// The number of respondents by the mode of their answers.
    Mode {
        mode: ResponseMode,
        tally: i64,
        answers: i64,
    },
    /// The number of respondents with a statement about themselves.
    Statement {
        list: &'static str,
        code: String,
        tally: i64,
        answers: i64,
    },
}

impl Difference {
    /// Returns the figures that differ. A survey without counted answers may have an empty tally or none.
    pub fn figures(&self) -> Vec<Figure> {
        let tally = self.tally.clone().unwrap_or_default();
        let answers = self.answers.clone().unwrap_or_default();
        let respondents = (tally.respondents != answers.respondents).then_some(Figure::Respondents {
            tally: tally.respondents,
            answers: answers.respondents,
        });
        let elements = Element::ALL.into_iter().zip(tally.elements).zip(answers.elements);
        let differing = elements.filter(|((_, tally), answers)| tally != answers);
        let elements = differing.map(|((element, tally), answers)| Figure::Element {
            element,
            tally,
            answers,
        });
        let lists = tally.profile.lists().into_iter().zip(answers.profile.lists());
        let statements = lists.flat_map(|((list, tally), (_, answers))| {
            let codes: BTreeSet<&String> = tally.keys().chain(answers.keys()).collect();
            let count = |counts: &Counts, code: &String| counts.get(code).copied().unwrap_or(0);
            let counts = codes.into_iter().map(|code| Figure::Statement {
                list,
                code: code.clone(),
                tally: count(tally, code),
                answers: count(answers, code),
            });
            let differ =
                |figure: &Figure| matches!(figure, Figure::Statement { tally, answers, .. } if tally != answers);
            counts.filter(differ).collect::<Vec<_>>()
        });
        let modes = ResponseMode::ALL.into_iter().zip(tally.modes).zip(answers.modes);
        let modes = modes.filter(|((_, tally), answers)| tally != answers);
        let modes = modes.map(|((mode, tally), answers)| Figure::Mode { mode, tally, answers });
        respondents
            .into_iter()
            .chain(elements)
            .chain(modes)
            .chain(statements)
            .collect()
    }
}

/// Compares every tally with the answers; returns the wrong ones by survey id.
pub async fn verify_tallies(conn: &impl ConnectionTrait) -> Result<Vec<Difference>, Error> {
    differences(conn, None).await
}

/// Rebuilds the wrong tallies of these surveys of one district from their answers, and returns the differences. If no
/// tally is wrong, nothing changes and there is no stamp.
pub async fn recount(tx: &WriteTx, district: &str, surveys: &[Uuid]) -> Result<Vec<Difference>, Error> {
    // New answers to these surveys wait until the end.
    stamps::lock(tx, district).await?;
    let wrong = differences(tx, Some(surveys)).await?;
    if wrong.is_empty() {
        return Ok(wrong);
    }
    let stamp = stamps::stamp(tx, &[district], Stream::Surveys).await?;
    let rows = wrong.iter().map(|difference| {
        let row = difference
            .answers
            .clone()
            .unwrap_or_default()
            .to_row(difference.survey_id, stamp.at)?;
        Ok(row.into_active_model().reset_all())
    });
    use survey_tally::Column as C;
    let replace = OnConflict::column(C::SurveyId)
        .update_columns([C::ChangedAt, C::Respondents, C::Elements, C::Profile, C::Modes])
        .to_owned();
    survey_tally::Entity::insert_many(rows.collect::<Result<Vec<_>, Error>>()?)
        .on_conflict(replace)
        .exec_without_returning(tx)
        .await?;
    Ok(wrong)
}

/// Returns the surveys whose tally is wrong, among the given ones (`None`: all), by id.
async fn differences(conn: &impl ConnectionTrait, surveys: Option<&[Uuid]>) -> Result<Vec<Difference>, Error> {
    let among = |column: &dyn Fn(&[Uuid]) -> SimpleExpr| surveys.map_or_else(|| Expr::cust("TRUE"), column);
    let tallies = among(&|ids| survey_tally::Column::SurveyId.is_in(ids.iter().copied()));
    let answers = among(&|ids| response::Column::SurveyId.is_in(ids.iter().copied()));
    let codes = ProfileCodes::load(conn).await?;
    let tallies = survey_tally::Entity::find().filter(tallies).all(conn).await?;
    let answers: Vec<survey_tally::Model> = sum_with_profile(&codes, None, answers)
        .order_by_asc(response::Column::SurveyId)
        .into_model()
        .all(conn)
        .await?;
    let mut all: BTreeMap<Uuid, Difference> = BTreeMap::new();
    for row in &tallies {
        all.entry(row.survey_id).or_default().tally = Some(Totals::of(row)?);
    }
    for row in &answers {
        all.entry(row.survey_id).or_default().answers = Some(Totals::of(row)?);
    }
    let all = all.into_iter().map(|(survey_id, difference)| Difference {
        survey_id,
        ..difference
    });
    Ok(all.filter(|difference| !difference.figures().is_empty()).collect())
}
