//! Reading surveys.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::survey::{Column as C, Entity as Surveys, Model};

use super::dto::{SurveyFilter, SurveySort};
use crate::core::formula::survey_index::SurveyStatus;
use crate::platform::db::versions::{self, known_at};
use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

/// Returns the survey as it was known at an instant (`None`: now).
pub async fn find(conn: &impl ConnectionTrait, id: Uuid, at: Option<DateTime<Utc>>) -> Result<Option<Model>, Error> {
    versions::find::<Surveys>(conn, versions::key::<Surveys>(id), at).await
}

/// Returns the current versions of these surveys, by id.
pub async fn current(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Model>, Error> {
    let rows = Surveys::find()
        .filter(C::Id.is_in(ids))
        .filter(known_at::<Surveys>(None))
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Returns one page of the surveys that pass a filter, as they were at `at`. `only` limits the page to one status.
pub async fn page(
    conn: &impl ConnectionTrait,
    district: Option<String>,
    filter: &SurveyFilter,
    only: Option<SurveyStatus>,
    wanted: &PageRequest,
    at: DateTime<Utc>,
) -> Result<PageRows<Model>, Error> {
    let query = Surveys::find()
        .filter(known_at::<Surveys>(Some(at)))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.section, |q, v| q.filter(C::Section.eq(v.as_str())))
        .apply_if(filter.status, |q, v| q.filter(C::Status.eq(v.as_str())))
        .apply_if(only, |q, v| q.filter(C::Status.eq(v.as_str())))
        .apply_if(filter.ends_from, |q, v| q.filter(C::EndsOn.gte(v)))
        .apply_if(filter.ends_to, |q, v| q.filter(C::EndsOn.lte(v)));
    let keyset = match filter.sort.unwrap_or_default() {
        SurveySort::EndsOn => Keyset::ascending(vec![C::EndsOn, C::Id]),
        SurveySort::EndsOnDescending => Keyset::descending(vec![C::EndsOn, C::Id]),
        SurveySort::Title => Keyset::ascending(vec![C::Title, C::Id]),
    };
    wanted.fetch(conn, query, &keyset, at).await
}
