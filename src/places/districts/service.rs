//! Who sees which district.

use sea_orm::ConnectionTrait;

use super::dto::{District, DistrictPage};
use super::query;
use crate::access::Actor;
use crate::platform::db::stamps;
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, Paging};

pub async fn list(conn: &impl ConnectionTrait, who: &Actor, paging: &Paging) -> Result<DistrictPage, Error> {
    let only = who.district.as_deref();
    let wanted = paging.open(&("districts", only))?;
    let at = wanted.at(stamps::latest(conn, only).await?);
    query::page(conn, only, &wanted, at).await?.try_map(District::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, who: &Actor, code: &DistrictCode) -> Result<District, Error> {
    who.must_see(code.as_str())?;
    let row = query::find(conn, code.as_str()).await?;
    row.ok_or_else(Error::not_found)?.try_into()
}
