//! Reading the indicators of decrees.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use ::entity::indicator;

use crate::platform::error::Error;

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
