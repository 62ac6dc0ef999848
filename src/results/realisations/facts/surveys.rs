//! IKU 1: the surveys that end in the years, each with its tallies. A current value reads one row per survey however
//! many answers there are.

use sea_orm::{ConnectionTrait, EntityTrait, JoinType, QuerySelect};

use ::entity::survey::{self, Entity as Surveys};
use ::entity::survey_tally;

use super::{Recorded, Scope};
use crate::core::formula::survey_index::SurveyFact;
use crate::facts::responses::Counted;
use crate::facts::{responses, surveys};
use crate::platform::error::Error;

/// A survey and the section it belongs to.
#[derive(Clone, Debug)]
pub struct SectionSurvey {
    pub section: String,
    pub fact: SurveyFact,
}

pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<SectionSurvey>>, Error> {
    let counted = match scope.as_of {
        None => now(conn, scope).await?,
        Some(_) => then(conn, scope).await?,
    };
    counted
        .into_iter()
        .map(|(row, answers)| {
            let fact = answers.fact(&row)?;
            Ok(Recorded {
                fact: SectionSurvey {
                    section: row.section,
                    fact,
                },
                district: row.district_code,
                at: answers.changed_at.map_or(row.recorded_at, |t| row.recorded_at.max(t)),
            })
        })
        .collect()
}

/// In one statement: the tallies stand beside the surveys.
async fn now(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<(survey::Model, Counted)>, Error> {
    let (first, last) = (scope.first_day(), scope.last_day());
    let tally = Surveys::belongs_to(survey_tally::Entity)
        .from(survey::Column::Id)
        .to(survey_tally::Column::SurveyId);
    let rows = surveys::query::those_ending_in(&scope.districts, first, last, None)
        .join(JoinType::LeftJoin, tally.into())
        .select_also(survey_tally::Entity)
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|(row, tally)| {
            Ok((
                row,
                tally.as_ref().map(responses::counted).transpose()?.unwrap_or_default(),
            ))
        })
        .collect()
}

/// The past is added up from the answers themselves.
async fn then(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<(survey::Model, Counted)>, Error> {
    let (first, last) = (scope.first_day(), scope.last_day());
    let rows = surveys::query::those_ending_in(&scope.districts, first, last, scope.as_of)
        .all(conn)
        .await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let counted = responses::tallies(conn, &ids, scope.as_of).await?;
    let with_its_own = |row: survey::Model| {
        let answers = counted.get(&row.id).copied().unwrap_or_default();
        (row, answers)
    };
    Ok(rows.into_iter().map(with_its_own).collect())
}
