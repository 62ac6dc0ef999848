//! The districts that an actor sees, and the beginning of a write in a district.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait};

use ::entity::district::{Column as C, Entity as Districts};

use super::dto::{District, DistrictPage};
use crate::access::Actor;
use crate::platform::db::{Stamp, Stream, WriteTx, stamps};
use crate::platform::error::Error;
use crate::platform::http::page::Keyset;
use crate::platform::http::{DistrictCode, Paging};

pub async fn list(conn: &impl ConnectionTrait, actor: &Actor, paging: &Paging) -> Result<DistrictPage, Error> {
    let only = actor.district.as_deref();
    let wanted = paging.open(&("districts", only))?;
    let at = wanted.at(stamps::latest(conn, only).await?);
    let query = Districts::find().apply_if(only, |q, code| q.filter(C::Code.eq(code)));
    let page = wanted.fetch(conn, query, &Keyset::ascending(vec![C::Code]), at).await?;
    page.try_map(District::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, code: &DistrictCode) -> Result<District, Error> {
    actor.ensure_can_see(code.as_str())?;
    let row = Districts::find_by_id(code.as_str()).one(conn).await?;
    row.ok_or_else(Error::not_found)?.try_into()
}

/// Stamps the stream of a district that a body names: every creation of a record begins here. Returns nothing for a
/// district that does not exist or that the actor does not see.
pub async fn stamp_in(tx: &WriteTx, actor: &Actor, district: &str, stream: Stream) -> Result<Option<Stamp>, Error> {
    if !actor.can_see(district) || stamps::get(tx, district).await?.is_none() {
        return Ok(None);
    }
    stamps::stamp(tx, &[district], stream).await.map(Some)
}

/// 422 for a district that [`stamp_in`] does not find.
pub fn unknown_district(code: &DistrictCode) -> Error {
    Error::unknown_reference("#/district_code", code)
}
