//! The caller's own account.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use ::entity::{account, credential};

use super::dto::{Me, Session, SessionPage};
use super::notices;
use crate::access::audit::{self, Source};
use crate::access::auth::grant::tokens::{self, IssuedTokens};
use crate::access::auth::{TokenService, sessions};
use crate::access::{Actor, accounts};
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Code, Error};
use crate::platform::http::{DistrictCode, Paging, VillageCode};

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, today: NaiveDate) -> Result<Me, Error> {
    let account = own(conn, actor).await?;
    let district_code = actor.district.clone().map(DistrictCode::try_from).transpose();
    let village_code = actor.village.clone().map(VillageCode::try_from).transpose();
    Ok(Me {
        id: actor.id,
        kind: accounts::kind_of(&account)?,
        username: actor.username.clone(),
        name: account.name,
        role: actor.role,
        district_code: district_code.map_err(Error::internal)?,
        village_code: village_code.map_err(Error::internal)?,
        sections: actor.sections.clone(),
        scopes: actor.scopes.clone(),
        notices: notices::of(conn, actor, today).await?,
    })
}

/// Returns the password to verify the current one by. A client has none: 422.
pub async fn password(conn: &impl ConnectionTrait, actor: &Actor) -> Result<credential::Model, Error> {
    let account = own(conn, actor).await?;
    if !accounts::is_user(&account) {
        return Err(Error::new(Code::RuleBroken).detail(
            "Sistem dan perangkat memakai rahasia, bukan kata sandi.",
            "Systems and devices have a secret, not a password.",
        ));
    }
    let credential = accounts::credential(conn, actor.id).await?;
    credential.ok_or_else(Error::not_found)
}

/// The result of a new password.
#[derive(Debug)]
pub struct NewPassword<T> {
    pub ended: Vec<Uuid>,
    /// Tokens of a lower generation have ended.
    pub generation: i32,
    /// What `begin` has returned.
    pub session: T,
}

/// Replaces the verified password, ends every session and every token, and begins a session.
pub async fn set_password<T>(
    tx: &WriteTx,
    actor: &Actor,
    verified: &credential::Model,
    hash: String,
    begin: impl AsyncFnOnce(&WriteTx, &account::Model) -> Result<T, Error>,
) -> Result<NewPassword<T>, Error> {
    let seen = accounts::lock(tx, actor.id).await?.filter(accounts::can_sign_in);
    let seen = seen.ok_or_else(Error::not_found)?;
    if accounts::credential(tx, actor.id)
        .await?
        .is_none_or(|c| c.id != verified.id)
    {
        return Err(wrong_password());
    }
    let account = accounts::update(tx, &actor.author(), &seen, seen.clone(), true).await?;
    let now = tx.clock().now();
    accounts::set_credential(tx, &actor.author(), &account, accounts::PASSWORD, hash, now).await?;
    let ended = sessions::end_all(tx, actor.id, None, now).await?;
    let session = begin(tx, &account).await?;
    Ok(NewPassword {
        ended,
        generation: account.generation,
        session,
    })
}

/// Begins a session with the scopes of the actor's token.
pub async fn same_scopes(
    tx: &WriteTx,
    actor: &Actor,
    account: &account::Model,
    network: &str,
) -> Result<IssuedTokens, Error> {
    let all = accounts::role_of(account)?.scopes();
    let asked = match all.iter().all(|scope| actor.scopes.contains(scope)) {
        true => String::new(),
        false => actor.scopes.join(" "),
    };
    tokens::begin_session(tx, account, asked, &actor.scopes, network, tx.clock().now()).await
}

/// Ends one session of the actor; 404 if it has none with this id.
pub async fn end_session(
    db: &Db,
    token_service: &TokenService,
    actor: &Actor,
    source: &Source<'_>,
    id: Uuid,
) -> Result<(), Error> {
    let now = db.clock().now();
    let ended = db
        .write(async |tx| sessions::end_of(tx, actor.id, id, now).await)
        .await?;
    if !ended {
        return Err(Error::not_found());
    }
    token_service.end_sessions([id]);
    audit::event("session ended", source, &actor.username);
    Ok(())
}

/// Ends every session of the actor but its own.
pub async fn end_other_sessions(
    db: &Db,
    token_service: &TokenService,
    actor: &Actor,
    source: &Source<'_>,
) -> Result<(), Error> {
    let now = db.clock().now();
    let ended = db
        .write(async |tx| sessions::end_all(tx, actor.id, actor.session, now).await)
        .await?;
    token_service.end_sessions(ended);
    audit::event("other sessions ended", source, &actor.username);
    Ok(())
}

/// Returns one page of the sessions of the actor that have not ended.
pub async fn sessions(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    paging: &Paging,
    now: DateTime<Utc>,
) -> Result<SessionPage, Error> {
    let request = paging.open(&("sessions", actor.id))?;
    let page = sessions::page(conn, actor.id, &request, now).await?;
    Ok(page.map(|row| Session {
        id: row.id,
        created_at: row.created_at,
        last_used_at: row.last_used_at.unwrap_or(row.created_at),
        expires_at: row.expires_at,
        network: row.network,
        current: actor.session == Some(row.id),
    }))
}

pub fn wrong_password() -> Error {
    Error::new(Code::WrongPassword).at("#/current_password")
}

async fn own(conn: &impl ConnectionTrait, actor: &Actor) -> Result<account::Model, Error> {
    let account = accounts::by_id(conn, actor.id).await?;
    account.filter(accounts::can_sign_in).ok_or_else(Error::not_found)
}
