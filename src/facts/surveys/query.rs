//! Reading surveys.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use ::entity::survey::{Column as C, Entity as Surveys, Model};

use crate::core::formula::survey_index::SurveyStatus;
use crate::core::section::Section;
use crate::platform::db::versions::{self, known_at};
use crate::platform::error::Error;

/// The most surveys that are open, or that end in a span.
const MOST_OPEN: u64 = 200;

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

/// Returns the newest versions of these surveys, by id: the current one, or the last before a deletion, with `deleted`. One
/// statement unless a survey is deleted or unknown.
pub async fn newest(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Model>, Error> {
    let ids: HashSet<Uuid> = ids.into_iter().collect();
    let mut found = current(conn, ids.iter().copied()).await?;
    let missing: Vec<Uuid> = ids.into_iter().filter(|id| !found.contains_key(id)).collect();
    if !missing.is_empty() {
        let versions = Surveys::find().filter(C::Id.is_in(missing)).order_by_asc(C::Version);
        found.extend(versions.all(conn).await?.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// Returns the surveys of a section that are open, or that are no draft and end between two days, by their last day.
pub async fn open_or_ending(
    conn: &impl ConnectionTrait,
    district: &str,
    section: Section,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<Model>, Error> {
    let ending = Condition::all()
        .add(C::Status.ne(SurveyStatus::Draft.as_str()))
        .add(C::EndsOn.between(first, last));
    let open = Condition::any()
        .add(C::Status.eq(SurveyStatus::Open.as_str()))
        .add(ending);
    Ok(Surveys::find()
        .filter(C::DistrictCode.eq(district))
        .filter(C::Section.eq(section.as_str()))
        .filter(open)
        .filter(known_at::<Surveys>(None))
        .order_by_asc(C::EndsOn)
        .order_by_asc(C::Id)
        .limit(MOST_OPEN)
        .all(conn)
        .await?)
}
