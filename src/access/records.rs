//! The life of a versioned record, the same for every resource: who may see it, and in which order it is changed.

use sea_orm::{ConnectionTrait, EntityTrait, ModelTrait, Value};
use serde::Serialize;

use super::actor::Actor;
use crate::platform::db::{Stamp, Versioned, WriteTx, stamps, versions};
use crate::platform::error::Error;
use crate::platform::http::page::PageRows;
use crate::platform::http::{ETag, IfMatch, Paging, Version};

/// Returns the current version of a record; 404 unless it exists in a district that the actor sees.
pub async fn visible<E: Versioned>(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    key: impl Into<Value>,
) -> Result<E::Model, Error> {
    let row = versions::find::<E>(conn, versions::key::<E>(key), None).await?;
    let row = row.ok_or_else(Error::not_found)?;
    ensure_can_see::<E>(actor, &row)?;
    Ok(row)
}

/// Stamps the district that owns a record and returns the version to decide on. The record is read twice: first for
/// its district, then under the stamp, which keeps other writers out.
pub async fn begin_change<E: Versioned>(
    tx: &WriteTx,
    actor: &Actor,
    key: impl Into<Value> + Clone,
) -> Result<(Stamp, E::Model), Error> {
    let before = visible::<E>(tx, actor, key.clone()).await?;
    let stamp = stamp_for::<E>(tx, &before).await?;
    Ok((stamp, visible::<E>(tx, actor, key).await?))
}

/// Stamps the stream of a record in its district, or in every district when all share the record.
pub async fn stamp_for<E: Versioned>(tx: &WriteTx, row: &E::Model) -> Result<Stamp, Error> {
    match E::district(row) {
        Some(district) => stamps::stamp(tx, &[district], E::STREAM).await,
        None => stamps::stamp_all(tx, E::STREAM).await,
    }
}

/// 412 unless `seen` is the version that the caller read.
pub fn check_version<E: Versioned>(if_match: &IfMatch, seen: &E::Model) -> Result<(), Error> {
    if_match.check(&ETag::at(E::version_info(seen).recorded_at))
}

/// Deletes a record after [`begin_change`]; its versions stay readable.
pub async fn delete<E: Versioned>(
    tx: &WriteTx,
    actor: &Actor,
    stamp: Stamp,
    seen: &E::Model,
    if_match: &IfMatch,
    reason: String,
) -> Result<(), Error> {
    check_version::<E>(if_match, seen)?;
    versions::remove::<E>(tx, &actor.username, stamp, seen, reason).await
}

/// Returns one page of all versions of a record, oldest first. A deleted record still has its history.
pub async fn history_page<E: Versioned>(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    key: impl Into<Value>,
    paging: &Paging,
    binding: &impl Serialize,
) -> Result<PageRows<E::Model>, Error> {
    let rows = versions::history::<E>(conn, versions::key::<E>(key)).await?;
    page_of_history::<E>(actor, rows, paging, binding)
}

/// Returns one page of these versions, of which the last is the newest; 404 when there are none.
pub fn page_of_history<E: Versioned>(
    actor: &Actor,
    rows: Vec<E::Model>,
    paging: &Paging,
    binding: &impl Serialize,
) -> Result<PageRows<E::Model>, Error> {
    let newest = rows.last().ok_or_else(Error::not_found)?;
    ensure_can_see::<E>(actor, newest)?;
    let at = E::version_info(newest).recorded_at;
    paging.open(binding)?.paginate_in_memory(rows, at)
}

/// Returns one entry of a history.
pub fn version_of<M, T>(row: M) -> Result<Version<T>, Error>
where
    M: ModelTrait<Entity: Versioned + EntityTrait<Model = M>>,
    T: TryFrom<M, Error = Error>,
{
    Ok(Version::new(M::Entity::version_info(&row), row.try_into()?))
}

fn ensure_can_see<E: Versioned>(actor: &Actor, row: &E::Model) -> Result<(), Error> {
    E::district(row).map_or(Ok(()), |district| actor.ensure_can_see(district))
}
