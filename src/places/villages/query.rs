//! Reading villages.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait};

use ::entity::village;

use crate::platform::db::versions;
use crate::platform::error::Error;
use crate::platform::http::VillageCode;

pub fn by_code(code: &VillageCode) -> Condition {
    Condition::all().add(village::Column::Code.eq(code.as_str()))
}

/// The village as it was known at an instant (`None`: now).
pub async fn find(
    conn: &impl ConnectionTrait,
    code: &VillageCode,
    at: Option<DateTime<Utc>>,
) -> Result<Option<village::Model>, Error> {
    versions::find::<village::Entity>(conn, by_code(code), at).await
}
