//! Reading decrees.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::decree::{Column as C, Entity as Decrees, Model};
use ::entity::indicator;

use super::dto::{DecreeFilter, DecreeSort};
use crate::platform::db::versions::{self, known_at};
use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

/// Returns the current decree of a district with this number, if there is one.
pub async fn numbered(conn: &impl ConnectionTrait, district: &str, number: &str) -> Result<Option<Model>, Error> {
    let key = Condition::all()
        .add(C::DistrictCode.eq(district))
        .add(C::Number.eq(number));
    versions::find::<Decrees>(conn, key, None).await
}

/// Returns all versions of all indicator rows that name one of these decrees. One statement.
pub async fn indicators_of(
    conn: &impl ConnectionTrait,
    decrees: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Vec<indicator::Model>>, Error> {
    let rows = indicator::Entity::find()
        .filter(indicator::Column::DecreeId.is_in(decrees))
        .all(conn)
        .await?;
    let mut by_decree: HashMap<Uuid, Vec<indicator::Model>> = HashMap::new();
    for row in rows {
        by_decree.entry(row.decree_id).or_default().push(row);
    }
    Ok(by_decree)
}

/// Returns one page of the decrees that pass a filter, as they were known at `at`.
pub async fn page(
    conn: &impl ConnectionTrait,
    district: Option<String>,
    filter: &DecreeFilter,
    wanted: &PageRequest,
    at: DateTime<Utc>,
) -> Result<PageRows<Model>, Error> {
    let query = Decrees::find()
        .filter(known_at::<Decrees>(Some(at)))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.year, |q, v| {
            q.filter(C::FirstYear.lte(v)).filter(C::LastYear.gte(v))
        });
    let columns = vec![C::FirstYear, C::Number, C::Id];
    let keyset = match filter.sort.unwrap_or_default() {
        DecreeSort::FirstYear => Keyset::ascending(columns),
        DecreeSort::FirstYearDescending => Keyset::descending(columns),
    };
    wanted.fetch(conn, query, &keyset, at).await
}
