//! The life of a versioned record, the same for every resource: who may see it, and in which order it is changed.

use chrono::{DateTime, Utc};
use sea_orm::{Condition, ConnectionTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder, Select, Value};
use serde::Serialize;

use super::actor::Actor;
use crate::platform::db::{RecordReader, Stamp, Versioned, WriteTx, stamps, versions};
use crate::platform::error::{Code, Error};
use crate::platform::http::page::{Keyset, PageRows};
use crate::platform::http::{ETag, IfMatch, Paging, RecordState, Restoration, Version};

/// Returns the current version of a record; 404 unless it exists in a district that the actor sees.
pub async fn visible<E: Versioned>(
    conn: &impl RecordReader,
    actor: &Actor,
    key: impl Into<Value> + ToString + Clone,
) -> Result<E::Model, Error> {
    let read = async || versions::find::<E>(conn, versions::key::<E>(key.clone()), None).await;
    let row = conn.recent(key.clone(), read).await?.ok_or_else(Error::not_found)?;
    ensure_can_see::<E>(actor, &row)?;
    Ok(row)
}

/// Stamps the district that owns a record and returns the version to decide on. The record is read twice: first for
/// its district, then under the stamp, which keeps other writers out.
pub async fn begin_change<E: Versioned>(
    tx: &WriteTx,
    actor: &Actor,
    key: impl Into<Value> + ToString + Clone,
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
    versions::remove::<E>(tx, &actor.author(), stamp, seen, reason).await
}

/// Stamps the district that owned a deleted record and returns the deletion. 409 if the record exists.
pub async fn begin_restoration<E: Versioned>(
    tx: &WriteTx,
    actor: &Actor,
    key: impl Into<Value> + Clone,
) -> Result<(Stamp, E::Model), Error> {
    let before = last::<E>(tx, actor, key.clone()).await?;
    let stamp = stamp_for::<E>(tx, &before).await?;
    let deletion = last::<E>(tx, actor, key).await?;
    if E::version_info(&deletion).deleted {
        Ok((stamp, deletion))
    } else {
        Err(Error::new(Code::NotDeleted))
    }
}

async fn last<E: Versioned>(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    key: impl Into<Value>,
) -> Result<E::Model, Error> {
    let row = versions::last::<E>(conn, versions::key::<E>(key)).await?;
    let row = row.ok_or_else(Error::not_found)?;
    ensure_can_see::<E>(actor, &row)?;
    Ok(row)
}

/// Restores a record after [`begin_restoration`], when no other record has taken its place.
pub async fn restore<E: Versioned>(
    tx: &WriteTx,
    actor: &Actor,
    stamp: Stamp,
    deletion: &E::Model,
    restoration: Restoration,
) -> Result<E::Model, Error> {
    versions::restore::<E>(tx, &actor.author(), stamp, deletion, restoration.reason).await
}

/// Selects the records of a list in a state, as known at an instant.
pub fn in_state<E: Versioned>(state: Option<RecordState>, at: DateTime<Utc>) -> Condition {
    match state.unwrap_or_default() {
        RecordState::Current => versions::known_at::<E>(Some(at)),
        RecordState::Deleted => versions::deleted_at::<E>(Some(at)),
    }
}

/// Returns one page of all versions of a record, oldest first. A deleted record still has its history.
pub async fn history_page<E: Versioned>(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    key: impl Into<Value>,
    paging: &Paging,
    binding: &impl Serialize,
) -> Result<PageRows<E::Model>, Error> {
    let order = Keyset::ascending(vec![E::VERSION]);
    page_of_versions::<E>(conn, actor, key, &order, paging, binding).await
}

/// Returns one page of the versions with this id or code, in this order of recording. 404 when there are none, and when
/// the newest belongs to a district that the actor does not see.
pub async fn page_of_versions<E: Versioned>(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    key: impl Into<Value>,
    order: &Keyset<E::Column>,
    paging: &Paging,
    binding: &impl Serialize,
) -> Result<PageRows<E::Model>, Error> {
    let all = E::find().filter(versions::key::<E>(key));
    page_of_history(conn, actor, all, order, paging, binding).await
}

/// Returns one page of selected versions in this order of recording. 404 when there are none, and when the newest belongs to a
/// district that the actor does not see.
pub async fn page_of_history<E: Versioned>(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    all: Select<E>,
    order: &Keyset<E::Column>,
    paging: &Paging,
    binding: &impl Serialize,
) -> Result<PageRows<E::Model>, Error> {
    let newest_first = order.columns.iter().fold(all.clone(), |q, c| q.order_by_desc(*c));
    let newest = newest_first.one(conn).await?.ok_or_else(Error::not_found)?;
    ensure_can_see::<E>(actor, &newest)?;
    let request = paging.open(binding)?;
    let at = request.at(E::version_info(&newest).recorded_at);
    request.fetch(conn, all, order, at).await
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
