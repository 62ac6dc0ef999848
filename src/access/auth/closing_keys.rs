//! The keys that sign the statements of closings. Every one of them stays published, so that old statements can be verified.
//! The newest key without `retired_at` signs.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use ::entity::signing_key::{Column, Entity, Model};

use super::keys::{self, Key, Purpose};
use super::rotation;
use crate::access::Actor;
use crate::platform::db::journal::{Action, Event, Resource};
use crate::platform::db::{AdvisoryLock, WriteTx};
use crate::platform::error::Error;
use crate::platform::fingerprint::to_hex;

/// All keys, the oldest first.
pub async fn list(conn: &impl ConnectionTrait) -> Result<Vec<Model>, Error> {
    let all = Purpose::Closing.keys().order_by_asc(Column::CreatedAt);
    Ok(all.order_by_asc(Column::Kid).all(conn).await?)
}

/// Returns the key that signs. No other transaction replaces it before the end of this one.
pub async fn signing(tx: &WriteTx) -> Result<Key, Error> {
    tx.advisory_lock(AdvisoryLock::KeyRotation).await?;
    let signs = list(tx).await?.into_iter().rfind(|key| key.retired_at.is_none());
    let row = signs.ok_or_else(|| Error::internal("no key signs closings"))?;
    Key::read(row, tx.sealing_key())
}

/// Makes a new key that signs from now on. The key before it stays published and signs no more; its private half is erased.
pub async fn replace(tx: &WriteTx, now: DateTime<Utc>) -> Result<String, Error> {
    tx.advisory_lock(AdvisoryLock::KeyRotation).await?;
    keys::seal_plain_keys(tx).await?;
    let retired = Entity::update_many()
        .col_expr(Column::RetiredAt, Expr::value(now))
        .filter(Column::Purpose.eq(Purpose::Closing.as_str()))
        .filter(Column::RetiredAt.is_null())
        .exec(tx)
        .await?;
    let event = Event::new(None, now, Action::Deleted, Resource::Key, Purpose::Closing);
    let details = json!({ "keys": retired.rows_affected, "retired_at": now });
    tx.note(&Actor::operator().author(), event.detail(details));
    rotation::erase_retired_private_keys(tx, now).await?;
    let kid = keys::generate(tx, Purpose::Closing, now, now).await?;
    tracing::info!(target: "iku::audit", what = "closing key replaced", by = "operator", kid);
    Ok(kid)
}

/// Returns the SHA-256 of a public key (its 32 bytes) in hexadecimal, in groups of four that a person can compare.
pub fn fingerprint(public_key: &[u8]) -> String {
    let hex = to_hex(digest(&SHA256, public_key).as_ref());
    let groups: Vec<&str> = hex
        .as_bytes()
        .chunks(4)
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    groups.join(" ")
}
