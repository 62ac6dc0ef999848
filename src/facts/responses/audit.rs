//! Do the tallies say what the answers add up to? [`verify_tallies`] compares, [`recount`] makes it so.
//!
//! Both read the answers once, in the order of an index and added up by the database: neither their number nor that of
//! the answers of one survey is ever held in memory.

use std::collections::BTreeMap;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter,
};
use uuid::Uuid;

use ::entity::{response, survey_tally};

use super::tally::{added_up, counted_at, nothing, totals};
use crate::core::element::Element;
use crate::platform::db::{Stream, WriteTx, stamps};
use crate::platform::error::Error;

/// A survey whose tally is not what its answers add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub survey_id: Uuid,
    /// What the tally says; `None`: the survey has no tally.
    pub tally: Option<survey_tally::Model>,
    /// What its counted answers add up to; `None`: it has none.
    pub answers: Option<survey_tally::Model>,
}

/// One figure of a tally beside that of the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Respondents {
        tally: i64,
        answers: i64,
    },
    /// How many answered the element, and the sum of what they said.
    Element {
        element: Element,
        tally: (i64, i64),
        answers: (i64, i64),
    },
}

impl Difference {
    /// The figures that differ; empty when the tally is right.
    pub fn figures(&self) -> Vec<Figure> {
        let respondents = |row: &Option<survey_tally::Model>| row.as_ref().map_or(0, |r| r.respondents);
        let of = |row: &Option<survey_tally::Model>, e| row.as_ref().map_or((0, 0), |r| totals(r, e));
        let all = Figure::Respondents {
            tally: respondents(&self.tally),
            answers: respondents(&self.answers),
        };
        let elements = Element::ALL.into_iter().map(|element| Figure::Element {
            element,
            tally: of(&self.tally, element),
            answers: of(&self.answers, element),
        });
        std::iter::once(all).chain(elements).filter(|f| !f.agrees()).collect()
    }
}

impl Figure {
    fn agrees(&self) -> bool {
        match self {
            Figure::Respondents { tally, answers } => tally == answers,
            Figure::Element { tally, answers, .. } => tally == answers,
        }
    }
}

/// Compares every tally with the answers themselves; by survey id.
pub async fn verify_tallies(conn: &impl ConnectionTrait) -> Result<Vec<Difference>, Error> {
    differences(conn, None).await
}

/// Rebuilds the tallies of these surveys of one district from their answers, and answers which were wrong. Right ones
/// are left alone, and then no stamp is taken either: nothing has changed.
pub async fn recount(tx: &WriteTx, district: &str, surveys: &[Uuid]) -> Result<Vec<Difference>, Error> {
    // Answers to these surveys wait from here on, so that what is counted is what there is.
    stamps::lock(tx, district).await?;
    let wrong = differences(tx, Some(surveys)).await?;
    if wrong.is_empty() {
        return Ok(wrong);
    }
    let stamp = stamps::stamp(tx, &[district], Stream::Surveys).await?;
    let rows = wrong.iter().map(|difference| {
        let mut row = match &difference.answers {
            Some(answers) => answers.clone(),
            None => nothing(difference.survey_id, stamp.at),
        };
        row.changed_at = stamp.at;
        row.into_active_model().reset_all()
    });
    let figures = survey_tally::Column::iter().filter(|c| !matches!(c, survey_tally::Column::SurveyId));
    let instead = OnConflict::column(survey_tally::Column::SurveyId)
        .update_columns(figures)
        .to_owned();
    survey_tally::Entity::insert_many(rows)
        .on_conflict(instead)
        .exec_without_returning(tx)
        .await?;
    Ok(wrong)
}

/// What differs among these surveys (`None`: all), by id.
async fn differences(conn: &impl ConnectionTrait, surveys: Option<&[Uuid]>) -> Result<Vec<Difference>, Error> {
    let among = |column: &dyn Fn(&[Uuid]) -> Condition| surveys.map_or_else(Condition::all, column);
    let theirs = among(&|ids| Condition::all().add(survey_tally::Column::SurveyId.is_in(ids.iter().copied())));
    let of_them = among(&|ids| Condition::all().add(response::Column::SurveyId.is_in(ids.iter().copied())));
    let mut all: BTreeMap<Uuid, Difference> = BTreeMap::new();
    for row in survey_tally::Entity::find().filter(theirs).all(conn).await? {
        let survey_id = row.survey_id;
        let (tally, answers) = (Some(row), None);
        all.insert(
            survey_id,
            Difference {
                survey_id,
                tally,
                answers,
            },
        );
    }
    for row in added_up(conn, counted_at(None).add(of_them)).await? {
        let survey_id = row.survey_id;
        let new = || Difference {
            survey_id,
            tally: None,
            answers: None,
        };
        all.entry(survey_id).or_insert_with(new).answers = Some(row);
    }
    // Of a survey without counted answers the tally may be empty or absent.
    all.retain(|_, difference| !difference.figures().is_empty());
    Ok(all.into_values().collect())
}
