//! The instants at which versions of facts were corrected, moved to another year, or deleted. With them the instant of the
//! newest recording never goes backwards.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, IntoIden, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait, Select,
};

use ::entity::response_count_span::{Column as P, Entity as Spans};
use ::entity::survey::Column as S;
use ::entity::{institution, public_case, report, response, survey};

use response::Column as R;

use super::records::{Recorded, Scope};
use crate::platform::db::Versioned;
use crate::platform::error::Error;

/// The last replacement among some versions.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// The kind of the reports, or the section of the surveys.
    pub code: String,
    /// The fiscal year of the reports, or the year of the cases' and surveys' days.
    pub year: i32,
}

impl Replacement {
    fn recorded(district: String, at: DateTime<Utc>, code: String, year: i32) -> Recorded<Self> {
        Recorded::new(district, 0, at, Self { code, year })
    }
}

/// Selects the last replacement of each group.
fn newest<E: Versioned>(scope: &Scope, rows: Select<E>, groups: &[E::Column]) -> Select<E> {
    let replaced = match scope.as_of {
        None => E::SUPERSEDED_AT.is_not_null(),
        Some(t) => E::SUPERSEDED_AT.lte(t),
    };
    let rows = rows.select_only().filter(replaced);
    let grouped = groups
        .iter()
        .fold(rows, |rows, column| rows.column(*column).group_by(*column));
    grouped.column_as(E::SUPERSEDED_AT.max(), "replaced_at")
}

pub async fn of_reports(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<Replacement>>, Error> {
    use report::Column as C;
    let rows = report::Entity::find()
        .filter(C::DistrictCode.is_in(&scope.districts))
        .filter(C::FiscalYear.between(scope.years.start() - 1, *scope.years.end()));
    let rows = newest(scope, rows, &[C::DistrictCode, C::Kind, C::FiscalYear]);
    let rows: Vec<(String, String, i32, DateTime<Utc>)> = rows.into_tuple().all(conn).await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(d, kind, year, at)| Replacement::recorded(d, at, kind, year))
        .collect())
}

pub async fn of_institutions(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<Replacement>>, Error> {
    use institution::Column as C;
    let rows = institution::Entity::find().filter(C::DistrictCode.is_in(&scope.districts));
    let rows: Vec<(String, DateTime<Utc>)> = newest(scope, rows, &[C::DistrictCode]).into_tuple().all(conn).await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(d, at)| Replacement::recorded(d, at, String::new(), 0))
        .collect())
}

pub async fn of_cases(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<Replacement>>, Error> {
    use public_case::Column as C;
    let rows = public_case::Entity::find()
        .filter(C::DistrictCode.is_in(&scope.districts))
        .filter(C::OccurredOn.between(scope.first_day(), scope.last_day()));
    let rows = newest(scope, rows, &[C::DistrictCode, C::OccurredOn]);
    let rows: Vec<(String, NaiveDate, DateTime<Utc>)> = rows.into_tuple().all(conn).await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(d, day, at)| Replacement::recorded(d, at, String::new(), day.year()))
        .collect())
}

/// Loads the replacements of surveys. For a past instant it adds the voids of answers: the tally knows those of the present.
pub async fn of_surveys(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<Recorded<Replacement>>, Error> {
    let rows = newest(scope, surveys_of(scope), &[S::DistrictCode, S::Section, S::EndsOn]);
    let mut all: Vec<OfSurveys> = rows.into_model().all(conn).await?;
    if let Some(t) = scope.as_of {
        let voided = voids(
            scope,
            (response::Entity, R::SurveyId),
            (response::Entity, R::CountedUntil),
            t,
        );
        let restored = voids(scope, (Spans, P::SurveyId), (Spans, P::CountedUntil), t);
        for query in [voided, restored] {
            let statement = conn.get_database_backend().build(&query);
            all.extend(OfSurveys::find_by_statement(statement).all(conn).await?);
        }
    }
    let recorded =
        |row: OfSurveys| Replacement::recorded(row.district_code, row.replaced_at, row.section, row.ends_on.year());
    Ok(all.into_iter().map(recorded).collect())
}

#[derive(Debug, FromQueryResult)]
struct OfSurveys {
    district_code: String,
    section: String,
    ends_on: NaiveDate,
    replaced_at: DateTime<Utc>,
}

fn surveys_of(scope: &Scope) -> Select<survey::Entity> {
    survey::Entity::find()
        .filter(S::DistrictCode.is_in(&scope.districts))
        .filter(S::EndsOn.between(scope.first_day(), scope.last_day()))
}

/// Selects the last void up to an instant among the rows of a table of answers, by section and last day of the survey.
fn voids<T: IntoIden + Copy, C: IntoIden + Copy>(
    scope: &Scope,
    survey_id: (T, C),
    counted_until: (T, C),
    at: DateTime<Utc>,
) -> SelectStatement {
    let mut query = surveys_of(scope)
        .select_only()
        .filter(scope.known::<survey::Entity>())
        .columns([S::DistrictCode, S::Section, S::EndsOn])
        .group_by(S::DistrictCode)
        .group_by(S::Section)
        .group_by(S::EndsOn)
        .into_query();
    let same_survey = Expr::col(survey_id).equals((survey::Entity, S::Id));
    query
        .inner_join(counted_until.0, same_survey)
        .and_where(Expr::col(counted_until).lte(at))
        .expr_as(Expr::col(counted_until).max(), "replaced_at");
    query
}
