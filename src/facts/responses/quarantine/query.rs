//! Reading held answers.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use ::entity::held_response::{Column as C, Entity as HeldResponses, Model};

use super::dto::HeldResponseFilter;
use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

pub async fn find(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, Error> {
    Ok(HeldResponses::find_by_id(id).one(conn).await?)
}

/// Returns a page of the held answers that match a filter, as they were at `at`, the newest first.
pub async fn page(
    conn: &impl ConnectionTrait,
    district: Option<String>,
    filter: &HeldResponseFilter,
    wanted: &PageRequest,
    at: DateTime<Utc>,
) -> Result<PageRows<Model>, Error> {
    let query = HeldResponses::find()
        .filter(C::ReceivedAt.lte(at))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.survey, |q, v| q.filter(C::SurveyId.eq(v)))
        .apply_if(filter.reason, |q, v| q.filter(C::Reason.eq(v.as_str())))
        .apply_if(filter.device, |q, v| q.filter(C::DeviceId.eq(v)))
        .apply_if(filter.decided, |q, v| q.filter(decided(v, at)));
    let keyset = Keyset::descending(vec![C::ReceivedAt, C::Id]);
    wanted.fetch(conn, query, &keyset, at).await
}

fn decided(decided: bool, at: DateTime<Utc>) -> Condition {
    if decided {
        Condition::all().add(C::DecidedAt.lte(at))
    } else {
        Condition::any().add(C::DecidedAt.is_null()).add(C::DecidedAt.gt(at))
    }
}
