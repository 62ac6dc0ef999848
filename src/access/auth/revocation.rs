//! Ended sessions and withdrawn tokens: effective immediately on this instance, and within seconds on the others.
//!
//! The database has the ended sessions and the changed accounts. Every two seconds each instance reads those of the last
//! twenty minutes (an access token lives fifteen) into memory, so no request waits. While the database is unavailable, the
//! last known state applies.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web;
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use tokio::task::JoinHandle;
use uuid::Uuid;

use ::entity::{account, refresh_family};

use super::sessions::{self, RefreshToken};
use super::{TokenService, keys, known_networks, rotation};
use crate::access::accounts;
use crate::access::audit::{self, Source};
use crate::platform::db::Db;
use crate::platform::error::Error;

const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// Longer than a token lives, by enough for clocks that differ.
const LOOKBACK: TimeDelta = TimeDelta::minutes(20);
/// Turns between two sweeps of old sessions: about an hour.
const SWEEP_EVERY: u32 = 1800;

/// Ends the session of a refresh or access token; does nothing if there is none.
pub async fn sign_out(db: &Db, token_service: &TokenService, token: &str, network: &str) -> Result<(), Error> {
    let now = db.clock().now();
    let actor = token_service.verify(token).ok();
    let by_access_token = actor.and_then(|actor| Some((actor.session?, actor.id)));
    let ended = db
        .write(async |tx| {
            let (session, account) = match by_access_token {
                Some(ended) => ended,
                None => match sessions::find(tx, token, now).await? {
                    RefreshToken::Invalid => return Ok(None),
                    RefreshToken::Reused(session) | RefreshToken::Valid { session, .. } => {
                        (session.id, session.account_id)
                    }
                },
            };
            sessions::end(tx, session, now).await?;
            Ok(Some((session, accounts::by_id(tx, account).await?)))
        })
        .await?;
    if let Some((session, account)) = ended {
        token_service.end_sessions([session]);
        let account = account.map(|account| account.username).unwrap_or_default();
        audit::event("session ended", &Source::own(&account, network), &account);
    }
    Ok(())
}

/// Brings the token service up to date with the database.
pub async fn refresh(db: &Db, token_service: &TokenService) -> Result<(), Error> {
    let now = db.clock().now();
    let since = now - LOOKBACK;
    let (keys, generations, ended) = db
        .snapshot(async |tx| {
            let keys = keys::load(tx, now, db.sealing_key()).await?;
            let generations: Vec<(Uuid, i32)> = account::Entity::find()
                .select_only()
                .columns([account::Column::Id, account::Column::Generation])
                .filter(account::Column::ChangedAt.gt(since))
                .into_tuple()
                .all(tx)
                .await?;
            let ended: Vec<Uuid> = refresh_family::Entity::find()
                .select_only()
                .column(refresh_family::Column::Id)
                .filter(refresh_family::Column::RevokedAt.gt(since))
                .into_tuple()
                .all(tx)
                .await?;
            Ok((keys, generations, ended))
        })
        .await?;
    token_service.set_keys(keys);
    token_service.revoke_tokens_before(generations);
    token_service.end_sessions(ended);
    token_service.forget_old();
    Ok(())
}

/// The guard is synchronous and cannot load keys. If a token names an unknown `kid`, another instance may have just rotated
/// its key, so reload the keys first.
pub async fn refresh_unknown_keys(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let given = req.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok());
    let token = given.and_then(|v| v.split_once(' ')).map(|(_, token)| token.trim());
    let (db, token_service) = (
        req.app_data::<web::Data<Db>>(),
        req.app_data::<web::Data<TokenService>>(),
    );
    if let (Some(token), Some(db), Some(token_service)) = (token, db, token_service)
        && token_service.has_unknown_kid(token)
        && token_service.should_refresh_keys()
    {
        match db
            .snapshot(async |tx| keys::load(tx, db.clock().now(), db.sealing_key()).await)
            .await
        {
            Ok(keys) => token_service.set_keys(keys),
            Err(error) => tracing::warn!(%error, "the signing keys cannot be read; the last known ones hold"),
        }
    }
    next.call(req).await
}

/// Deletes old sessions and networks in small steps, so that no request waits.
pub async fn sweep(db: &Db) -> Result<(), Error> {
    while db.write(async |tx| sessions::sweep(tx, tx.clock().now()).await).await? {}
    db.write(async |tx| {
        known_networks::sweep(tx, tx.clock().now()).await?;
        rotation::erase_retired_private_keys(tx, tx.clock().now()).await
    })
    .await
}

/// The task that keeps the token service up to date; it ends when this value is dropped.
#[derive(Debug)]
pub struct RevocationTask(JoinHandle<()>);

impl Drop for RevocationTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts the task.
pub fn start(db: web::Data<Db>, token_service: web::Data<TokenService>) -> RevocationTask {
    RevocationTask(tokio::spawn(async move {
        let mut well = true;
        let mut turn: u32 = 0;
        loop {
            tokio::time::sleep(POLL_INTERVAL).await;
            turn = turn.wrapping_add(1);
            let mut done = refresh(&db, &token_service).await;
            if done.is_ok() && turn.is_multiple_of(SWEEP_EVERY) {
                done = sweep(&db).await;
            }
            match (&done, well) {
                (Err(error), true) => tracing::warn!(%error, "revocations cannot be read; the last known ones hold"),
                (Ok(()), false) => tracing::info!("revocations are up to date again"),
                _ => {}
            }
            well = done.is_ok();
        }
    }))
}
