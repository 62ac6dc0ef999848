//! Reading answers.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use ::entity::response::{Column as C, Entity as Responses, Model};
use ::entity::village;

use super::tally::counted_at;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;

/// Returns an answer of a survey, if it counts now.
pub async fn counted(conn: &impl ConnectionTrait, survey_id: Uuid, id: Uuid) -> Result<Option<Model>, Error> {
    Ok(Responses::find()
        .filter(C::Id.eq(id))
        .filter(C::SurveyId.eq(survey_id))
        .filter(counted_at(None))
        .one(conn)
        .await?)
}

/// Returns those of the given answers that are stored, counted or not.
pub async fn stored(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Model>, Error> {
    let rows = Responses::find().filter(C::Id.is_in(ids)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Returns the survey of each of these answers that is stored.
pub async fn surveys_of(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>, Error> {
    let rows: Vec<(Uuid, Uuid)> = Responses::find()
        .select_only()
        .columns([C::Id, C::SurveyId])
        .filter(C::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Returns which of these villages exist, as (code, district).
pub async fn villages(
    conn: &impl ConnectionTrait,
    codes: impl IntoIterator<Item = &str>,
) -> Result<HashSet<(String, String)>, Error> {
    let codes: Vec<&str> = codes.into_iter().collect();
    if codes.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<(String, String)> = village::Entity::find()
        .select_only()
        .column(village::Column::Code)
        .column(village::Column::DistrictCode)
        .filter(village::Column::Code.is_in(codes))
        .filter(known_at::<village::Entity>(None))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The number of respondents with the same answers about themselves.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct ProfileGroup {
    pub gender: Option<String>,
    /// Age in whole tens.
    pub age_decade: Option<i32>,
    pub education: Option<String>,
    pub occupation: Option<String>,
    pub count: i64,
}

/// Returns the respondents of a survey whose answers counted at an instant (`None`: now).
pub async fn profile(
    conn: &impl ConnectionTrait,
    survey_id: Uuid,
    at: Option<DateTime<Utc>>,
) -> Result<Vec<ProfileGroup>, Error> {
    // Not a bound value: with one, the expressions of SELECT and GROUP BY would differ.
    let decade = || Expr::cust("age / 10");
    Ok(Responses::find()
        .select_only()
        .columns([C::Gender, C::Education, C::Occupation])
        .column_as(decade(), "age_decade")
        .column_as(C::Id.count(), "count")
        .filter(C::SurveyId.eq(survey_id))
        .filter(counted_at(at))
        .group_by(C::Gender)
        .group_by(C::Education)
        .group_by(C::Occupation)
        .group_by(decade())
        .into_model()
        .all(conn)
        .await?)
}
