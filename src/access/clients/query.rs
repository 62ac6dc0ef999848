//! Reading clients.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::account::{Column as C, Entity as Accounts, Model};

use super::dto::ClientFilter;
use crate::access::accounts::AccountKind;
use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

/// Returns one page of the clients that pass a filter, oldest first. Clients made after `at` are not in this listing.
pub async fn page(
    conn: &impl ConnectionTrait,
    district: Option<String>,
    filter: &ClientFilter,
    wanted: &PageRequest,
    at: DateTime<Utc>,
) -> Result<PageRows<Model>, Error> {
    let query = Accounts::find()
        .filter(C::Kind.ne(AccountKind::User.as_str()))
        .filter(C::DeletedAt.is_null())
        .filter(C::CreatedAt.lte(at))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.kind, |q, v| q.filter(C::Kind.eq(v.as_str())))
        .apply_if(filter.role, |q, v| q.filter(C::Role.eq(v.as_str())))
        .apply_if(filter.village_code.as_ref(), |q, v| {
            q.filter(C::VillageCode.eq(v.as_str()))
        })
        .apply_if(filter.active, |q, v| q.filter(C::Active.eq(v)));
    let keyset = Keyset::ascending(vec![C::CreatedAt, C::Id]);
    wanted.fetch(conn, query, &keyset, at).await
}
