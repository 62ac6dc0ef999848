//! Reading villages.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::village::{Column as C, Entity as Villages, Model};

use super::dto::{VillageFilter, VillageSort};
use crate::platform::db::versions::{self, known_at};
use crate::platform::error::Error;
use crate::platform::http::VillageCode;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

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

/// Returns one page of the villages that pass a filter, as they were known at `at`.
pub async fn page(
    conn: &impl ConnectionTrait,
    district: Option<String>,
    filter: &VillageFilter,
    wanted: &PageRequest,
    at: DateTime<Utc>,
) -> Result<PageRows<Model>, Error> {
    let query = Villages::find()
        .filter(known_at::<Villages>(Some(at)))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.kind, |q, v| q.filter(C::Kind.eq(v.as_str())))
        .apply_if(filter.valid_on, |q, v| q.filter(valid_on(v)));
    let keyset = match filter.sort.unwrap_or_default() {
        VillageSort::Code => Keyset::ascending(vec![C::Code]),
        VillageSort::Name => Keyset::ascending(vec![C::Name, C::Code]),
    };
    wanted.fetch(conn, query, &keyset, at).await
}
