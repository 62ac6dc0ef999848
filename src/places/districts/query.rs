//! Reading districts.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::district::{Column as C, Entity as Districts, Model};

use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

pub async fn find(conn: &impl ConnectionTrait, code: &str) -> Result<Option<Model>, Error> {
    Ok(Districts::find_by_id(code).one(conn).await?)
}

/// Returns one page of the districts: one district, or all.
pub async fn page(
    conn: &impl ConnectionTrait,
    only: Option<&str>,
    wanted: &PageRequest,
    at: DateTime<Utc>,
) -> Result<PageRows<Model>, Error> {
    let query = Districts::find().apply_if(only, |q, code| q.filter(C::Code.eq(code)));
    wanted.fetch(conn, query, &Keyset::ascending(vec![C::Code]), at).await
}
