//! Reading answers.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use ::entity::response::{Column as C, Entity as Responses, Model};
use ::entity::village;

use crate::platform::db::versions::known_at;
use crate::platform::error::Error;

/// Returns an answer of a survey, if it counts now or has counted.
pub async fn answer(conn: &impl ConnectionTrait, survey_id: Uuid, id: Uuid) -> Result<Option<Model>, Error> {
    Ok(Responses::find()
        .filter(C::Id.eq(id))
        .filter(C::SurveyId.eq(survey_id))
        .filter(C::CountedFrom.is_not_null())
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
