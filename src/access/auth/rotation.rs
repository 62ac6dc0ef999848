//! Replaces the signing key while the service runs.
//!
//! The new key is published first and signs only after every cached copy of the published keys has expired. The old key
//! stays published until the last token that it signed has expired. All of these are times in the database, which every
//! instance reads each two seconds, so nothing is left to finish later.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use ::entity::signing_key;

use super::keys::{self, JWKS_MAX_AGE};
use super::token::LIFETIME;
use crate::access::Actor;
use crate::platform::db::journal::{Action, Event, Resource};
use crate::platform::db::{AdvisoryLock, WriteTx};
use crate::platform::error::{Code, Error};

/// Covers clocks that differ, and instances that read the keys some seconds later.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// The result of a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    pub kid: String,
    pub signs_from: DateTime<Utc>,
    /// The earlier keys are published until this instant.
    pub retires_at: DateTime<Utc>,
    /// The number of keys that were withdrawn, with all tokens that they signed.
    pub withdrawn: u64,
}

/// Makes a key that signs in six minutes, and retires the current key after that. 409 while an earlier rotation is under
/// way: at most two keys are published at a time.
pub async fn rotate(tx: &WriteTx, now: DateTime<Utc>) -> Result<Rotation, Error> {
    tx.advisory_lock(AdvisoryLock::KeyRotation).await?;
    keys::seal_plain_keys(tx).await?;
    let rows = published(tx, now).await?;
    if rows.len() > 1 {
        let done = rows.iter().filter_map(|row| row.retired_at).max().unwrap_or(now);
        let done = done.format("%Y-%m-%d %H:%M:%S UTC");
        return Err(Error::new(Code::Conflict).detail(
            format!("Pergantian sebelumnya masih berjalan sampai {done}."),
            format!("an earlier rotation is under way until {done}; `--now` does not wait for it"),
        ));
    }
    let signs_from = now + TimeDelta::seconds(JWKS_MAX_AGE) + MARGIN;
    let retires_at = signs_from + TimeDelta::seconds(LIFETIME) + MARGIN;
    retire(tx, now, retires_at).await?;
    let kid = keys::generate(tx, now, signs_from).await?;
    audit("signing key rotated", &kid);
    Ok(Rotation {
        kid,
        signs_from,
        retires_at,
        withdrawn: 0,
    })
}

/// For a leaked key: withdraws every key immediately, and a new key signs.
pub async fn revoke_and_replace(tx: &WriteTx, now: DateTime<Utc>) -> Result<Rotation, Error> {
    tx.advisory_lock(AdvisoryLock::KeyRotation).await?;
    keys::seal_plain_keys(tx).await?;
    // The instances' clocks may be behind this one.
    let at = now - MARGIN;
    let withdrawn = retire(tx, now, at).await?;
    let kid = keys::generate(tx, now, at).await?;
    audit("signing keys withdrawn", &kid);
    Ok(Rotation {
        kid,
        signs_from: at,
        retires_at: at,
        withdrawn,
    })
}

/// All keys, the newest first.
pub async fn list(conn: &impl ConnectionTrait) -> Result<Vec<signing_key::Model>, Error> {
    let all = signing_key::Entity::find().order_by_desc(signing_key::Column::CreatedAt);
    Ok(all.all(conn).await?)
}

/// Erases the private keys of withdrawn keys, so that no later backup contains them.
pub async fn erase_retired_private_keys(tx: &WriteTx, now: DateTime<Utc>) -> Result<(), Error> {
    signing_key::Entity::update_many()
        .set(signing_key::ActiveModel {
            pkcs8: Set(Vec::new()),
            ..Default::default()
        })
        .filter(signing_key::Column::RetiredAt.lte(now))
        .filter(signing_key::Column::Pkcs8.ne(Vec::<u8>::new()))
        .exec(tx)
        .await?;
    Ok(())
}

async fn published(tx: &WriteTx, now: DateTime<Utc>) -> Result<Vec<signing_key::Model>, Error> {
    let rows = list(tx).await?.into_iter();
    Ok(rows.filter(|row| row.retired_at.is_none_or(|at| at > now)).collect())
}

/// Ends the keys published now at `at`, unless it ends earlier.
async fn retire(tx: &WriteTx, now: DateTime<Utc>, at: DateTime<Utc>) -> Result<u64, Error> {
    let retired = signing_key::Column::RetiredAt;
    let later = Condition::any().add(retired.is_null()).add(retired.gt(at));
    let done = signing_key::Entity::update_many()
        .col_expr(retired, Expr::value(at))
        .filter(later)
        .exec(tx)
        .await?;
    erase_retired_private_keys(tx, now).await?;
    let event = Event::new(None, now, Action::Deleted, Resource::Key, "token");
    let details = json!({ "keys": done.rows_affected, "retired_at": at });
    tx.note(&Actor::operator().author(), event.detail(details));
    Ok(done.rows_affected)
}

fn audit(what: &str, kid: &str) {
    tracing::info!(target: "iku::audit", what, by = "operator", kid);
}
