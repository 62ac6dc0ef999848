//! The networks from which each account signed in with its password within thirty days. In such a network, failures of
//! strangers do not delay the account.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use ::entity::known_network::{Column as N, Entity as KnownNetworks, Model};

use crate::platform::db::WriteTx;
use crate::platform::error::Error;

/// Days that a network stays known after a sign-in.
const DAYS: i64 = 30;
/// The networks of one account; the least recently used one is forgotten first.
const AT_MOST: u64 = 20;

/// Returns whether the account signed in from this network within the last thirty days.
pub async fn is_known(
    conn: &impl ConnectionTrait,
    account: Uuid,
    network: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let row = KnownNetworks::find_by_id((account, network.to_owned()))
        .one(conn)
        .await?;
    Ok(row.is_some_and(|row| row.seen_at > now - TimeDelta::days(DAYS)))
}

/// Records a sign-in.
pub async fn remember(tx: &WriteTx, account: Uuid, network: &str, now: DateTime<Utc>) -> Result<(), Error> {
    if network.is_empty() {
        return Ok(());
    }
    let row = Model {
        account_id: account,
        network: network.to_owned(),
        seen_at: now,
    };
    let again = OnConflict::columns([N::AccountId, N::Network])
        .update_column(N::SeenAt)
        .to_owned();
    let insert = KnownNetworks::insert(row.into_active_model()).on_conflict(again);
    insert.exec_without_returning(tx).await?;
    let forgotten: Vec<String> = KnownNetworks::find()
        .select_only()
        .column(N::Network)
        .filter(N::AccountId.eq(account))
        .order_by_desc(N::SeenAt)
        .offset(AT_MOST)
        .limit(AT_MOST)
        .into_tuple()
        .all(tx)
        .await?;
    if !forgotten.is_empty() {
        KnownNetworks::delete_many()
            .filter(N::AccountId.eq(account))
            .filter(N::Network.is_in(forgotten))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Forgets networks that are no longer known.
pub async fn sweep(tx: &WriteTx, now: DateTime<Utc>) -> Result<(), Error> {
    KnownNetworks::delete_many()
        .filter(N::SeenAt.lt(now - TimeDelta::days(DAYS)))
        .exec(tx)
        .await?;
    Ok(())
}
