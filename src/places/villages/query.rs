//! Reading villages.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait};

use ::entity::village::{Column as C, Entity as Villages, Model};

use crate::platform::db::versions;
use crate::platform::error::Error;
use crate::platform::http::VillageCode;

/// Returns the village as it was known at an instant (`None`: now).
pub async fn find(
    conn: &impl ConnectionTrait,
    code: &VillageCode,
    at: Option<DateTime<Utc>>,
) -> Result<Option<Model>, Error> {
    versions::find::<Villages>(conn, versions::key::<Villages>(code.as_str()), at).await
}

/// Selects the villages that exist on a day; first and last day are included.
pub fn valid_on(day: NaiveDate) -> Condition {
    Condition::all()
        .add(Condition::any().add(C::ValidFrom.is_null()).add(C::ValidFrom.lte(day)))
        .add(Condition::any().add(C::ValidTo.is_null()).add(C::ValidTo.gte(day)))
}
