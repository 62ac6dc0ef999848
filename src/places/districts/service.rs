//! Who sees which district, and how a write in one begins.

use sea_orm::ConnectionTrait;

use super::dto::{District, DistrictPage};
use super::query;
use crate::access::Actor;
use crate::platform::db::{Stamp, Stream, WriteTx, stamps};
use crate::platform::error::Error;
use crate::platform::http::{DistrictCode, Paging};

pub async fn list(conn: &impl ConnectionTrait, actor: &Actor, paging: &Paging) -> Result<DistrictPage, Error> {
    let only = actor.district.as_deref();
    let wanted = paging.open(&("districts", only))?;
    let at = wanted.at(stamps::latest(conn, only).await?);
    query::page(conn, only, &wanted, at).await?.try_map(District::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, code: &DistrictCode) -> Result<District, Error> {
    actor.ensure_can_see(code.as_str())?;
    let row = query::find(conn, code.as_str()).await?;
    row.ok_or_else(Error::not_found)?.try_into()
}

/// Stamps the stream of the district that a body names: how every write of what a district owns begins. 422 for a
/// district that does not exist or is not the actor's.
pub async fn stamp_in(tx: &WriteTx, actor: &Actor, code: &DistrictCode, stream: Stream) -> Result<Stamp, Error> {
    const POINTER: &str = "#/district_code";
    actor.ensure_can_reference(code.as_str(), POINTER, code.as_str())?;
    if stamps::get(tx, code.as_str()).await?.is_none() {
        return Err(Error::unknown_reference(POINTER, code));
    }
    stamps::stamp(tx, &[code.as_str()], stream).await
}
