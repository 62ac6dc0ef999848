//! A change of the caller's own password.

use ::entity::account;

use super::dto::PasswordChange;
use super::service;
use crate::access::auth::hash_queue::Caller;
use crate::access::auth::password_rules::ensure_strong;
use crate::access::auth::{TokenService, grant, known_networks, password};
use crate::access::{Actor, audit};
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Code, Error};

/// Replaces the password, ends every session and every token, and begins a new session by `begin`. Logs the attempt.
pub async fn replace<T>(
    actor: &Actor,
    db: &Db,
    token_service: &TokenService,
    network: &str,
    asked: PasswordChange,
    begin: impl AsyncFnOnce(&WriteTx, &account::Model) -> Result<T, Error>,
) -> Result<T, Error> {
    let result = replace_verified(actor, db, token_service, network, asked, begin).await;
    audit::attempt("own password changed", &actor.username, network, &result);
    result
}

async fn replace_verified<T>(
    actor: &Actor,
    db: &Db,
    token_service: &TokenService,
    network: &str,
    asked: PasswordChange,
    begin: impl AsyncFnOnce(&WriteTx, &account::Model) -> Result<T, Error>,
) -> Result<T, Error> {
    let now = db.clock().now();
    let (verified, is_known) = db
        .read(async |tx| {
            let is_known = known_networks::is_known(tx, actor.id, network, now).await?;
            Ok((service::password(tx, actor).await?, is_known))
        })
        .await?;
    let attempt = grant::password::Attempt {
        key: (actor.username.clone(), network.to_owned()),
        is_known,
        has_token: true,
    };
    let hash = Some(verified.hash.clone());
    grant::password::check_password(token_service, attempt, hash, &asked.current_password)
        .await
        .map_err(|e| match e.code {
            Code::InvalidGrant => service::wrong_password(),
            _ => e,
        })?;
    ensure_strong(&asked.new_password, &actor.username, "#/new_password")?;
    let caller = Caller {
        network,
        is_known: true,
    };
    let hash = password::hash(&asked.new_password, caller).await?;
    let replaced = db
        .write(async |tx| service::set_password(tx, actor, &verified, hash, begin).await)
        .await?;
    token_service.end_sessions(replaced.ended);
    token_service.revoke_tokens_before([(actor.id, replaced.generation)]);
    Ok(replaced.session)
}
