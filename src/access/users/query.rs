//! Reading users.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::account::{Column as C, Entity as Accounts, Model};

use super::dto::UserFilter;
use crate::access::accounts::AccountKind;
use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

/// Returns one page of the users that pass a filter, by user name. Users made after `at` are not in this listing.
pub async fn page(
    conn: &impl ConnectionTrait,
    district: Option<String>,
    filter: &UserFilter,
    wanted: &PageRequest,
    at: DateTime<Utc>,
) -> Result<PageRows<Model>, Error> {
    let query = Accounts::find()
        .filter(C::Kind.eq(AccountKind::User.as_str()))
        .filter(C::DeletedAt.is_null())
        .filter(C::CreatedAt.lte(at))
        .apply_if(district, |q, v| q.filter(C::DistrictCode.eq(v)))
        .apply_if(filter.role, |q, v| q.filter(C::Role.eq(v.as_str())))
        // The column has the codes as a JSON list.
        .apply_if(filter.section, |q, v| {
            q.filter(C::Sections.contains(format!("\"{v}\"")))
        })
        .apply_if(filter.active, |q, v| q.filter(C::Active.eq(v)));
    wanted
        .fetch(conn, query, &Keyset::ascending(vec![C::Username]), at)
        .await
}
