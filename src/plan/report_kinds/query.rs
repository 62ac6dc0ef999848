//! Reading report kinds. A kind is a row per (code, first year it governs).

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use ::entity::report_kind;

use crate::platform::db::versions::known_at;
use crate::platform::error::Error;

/// The row of a kind that governs an obligation year, as known at an instant (`None`: now).
pub async fn governing(
    conn: &impl ConnectionTrait,
    code: &str,
    year: i32,
    at: Option<DateTime<Utc>>,
) -> Result<Option<report_kind::Model>, Error> {
    Ok(report_kind::Entity::find()
        .filter(report_kind::Column::Code.eq(code))
        .filter(report_kind::Column::FromYear.lte(year))
        .filter(known_at::<report_kind::Entity>(at))
        .order_by_desc(report_kind::Column::FromYear)
        .one(conn)
        .await?)
}
