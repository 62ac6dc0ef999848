//! IKU 1: the surveys that end in the years, each with its counted answers, in one statement.

use std::cmp::max;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use ::entity::{response, survey, survey_tally};

use super::{Recorded, Scope};
use crate::core::formula::survey_index::SurveyFact;
use crate::facts::responses::tally::{Counted, Totals, sum_responses};
use crate::platform::error::Error;

/// A survey and its section.
#[derive(Clone, Debug)]
pub struct SectionSurvey {
    pub section: String,
    pub fact: SurveyFact,
}

/// A survey and its tally. It has only the columns that the value needs, because every column costs time.
#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    district_code: String,
    section: String,
    status: String,
    ends_on: NaiveDate,
    inactive_elements: String,
    version: i32,
    deleted: bool,
    recorded_at: DateTime<Utc>,
    changed_at: Option<DateTime<Utc>>,
    respondents: Option<i64>,
    elements: Option<String>,
}

/// Loads the surveys with their tallies. For a past instant the sum of the answers replaces the table of tallies.
pub async fn load(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<SectionSurvey>>, Error> {
    use survey::Column as C;
    use survey_tally::Column as T;
    let surveys = survey::Entity::find()
        .select_only()
        .filter(C::DistrictCode.is_in(&scope.districts))
        .filter(C::EndsOn.between(scope.first_day(), scope.last_day()))
        .filter(scope.known::<survey::Entity>());
    let mut query = surveys
        .clone()
        .columns([
            C::Id,
            C::DistrictCode,
            C::Section,
            C::Status,
            C::EndsOn,
            C::InactiveElements,
            C::Version,
            C::Deleted,
            C::RecordedAt,
        ])
        .columns([T::ChangedAt, T::Respondents, T::Elements])
        .order_by_asc(C::EndsOn)
        .order_by_asc(C::Id)
        .into_query();
    let same_survey = Expr::col((survey_tally::Entity, T::SurveyId)).equals((survey::Entity, C::Id));
    match scope.as_of {
        None => query.left_join(survey_tally::Entity, same_survey),
        Some(_) => {
            let these = response::Column::SurveyId.in_subquery(surveys.column(C::Id).into_query());
            let sums = sum_responses(scope.as_of, these).into_query();
            query.join_subquery(JoinType::LeftJoin, sums, survey_tally::Entity, same_survey)
        }
    };
    let rows = Row::find_by_statement(conn.get_database_backend().build(&query))
        .all(conn)
        .await?;
    rows.into_iter().map(recorded).collect()
}

fn recorded(row: Row) -> Result<Recorded<SectionSurvey>, Error> {
    let counted = match (row.changed_at, row.respondents, row.elements) {
        (Some(changed_at), Some(respondents), Some(elements)) => {
            Counted::new(Totals::new(respondents, &elements)?, changed_at)?
        }
        _ => Counted::default(),
    };
    let mut fact = counted.fact(row.id, &row.status, row.ends_on, &row.inactive_elements)?;
    fact.deleted = row.deleted;
    let at = row.changed_at.map_or(row.recorded_at, |t| max(t, row.recorded_at));
    let section = row.section;
    Ok(Recorded::new(
        row.district_code,
        row.version,
        at,
        SectionSurvey { section, fact },
    ))
}
