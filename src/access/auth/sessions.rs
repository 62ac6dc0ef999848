//! Sessions: from a sign-in to its end. The refresh tokens that descend from each other belong to one session, and the
//! access tokens carry its id as `sid`. (The tables are called `refresh_family` and `refresh_token`.)
//!
//! Each use of a refresh token makes a successor. The used token stays valid until a successor is used for the first
//! time, so that a lost response costs nothing. After that, a sender of the old token has a copy, and the whole session
//! ends.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use ::entity::refresh_family::{Column as S, Entity as Sessions, Model as Session};
use ::entity::refresh_token::{Column as T, Entity as Tokens};
use ::entity::{refresh_family, refresh_token};

use super::secret;
use super::token::LIFETIME;
use crate::platform::db::WriteTx;
use crate::platform::error::Error;

/// Days that a refresh token lives.
const DAYS: i64 = 30;

/// Begins a session. `scope` has the requested scopes; empty: all.
pub async fn begin(
    tx: &WriteTx,
    account: Uuid,
    scope: String,
    lives: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Uuid, Error> {
    let id = Uuid::new_v4();
    let row = refresh_family::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        scope: Set(scope),
        created_at: Set(now),
        expires_at: Set(now + lives),
        revoked_at: Set(None),
    };
    Sessions::insert(row).exec_without_returning(tx).await?;
    Ok(id)
}

/// The lifetime of a session without refresh tokens: that of an access token.
pub fn short() -> TimeDelta {
    TimeDelta::seconds(LIFETIME)
}

/// The lifetime of a refresh token.
pub fn long() -> TimeDelta {
    TimeDelta::days(DAYS)
}

/// Issues a refresh token; only its SHA-256 is stored.
pub async fn issue(tx: &WriteTx, session: Uuid, parent: Option<Vec<u8>>, now: DateTime<Utc>) -> Result<String, Error> {
    let token = secret::generate()?;
    let row = refresh_token::ActiveModel {
        hash: Set(secret::digest_of(&token)),
        family_id: Set(session),
        parent: Set(parent),
        issued_at: Set(now),
        used_at: Set(None),
    };
    Tokens::insert(row).exec_without_returning(tx).await?;
    Ok(token)
}

/// The state of a refresh token that a client has sent.
#[derive(Debug)]
pub enum RefreshToken {
    Invalid,
    /// A successor is in use, so somebody has a copy. The session has been ended.
    Reused(Uuid),
    Valid {
        session: Session,
        token: refresh_token::Model,
    },
}

/// Looks a refresh token up, and ends its session if the token was reused.
pub async fn find(tx: &WriteTx, token: &str, now: DateTime<Utc>) -> Result<RefreshToken, Error> {
    let Some(token) = Tokens::find_by_id(secret::digest_of(token)).one(tx).await? else {
        return Ok(RefreshToken::Invalid);
    };
    let session = Sessions::find_by_id(token.family_id).lock_exclusive().one(tx).await?;
    let is_alive = |s: &Session| s.revoked_at.is_none() && s.expires_at > now;
    let Some(session) = session.filter(is_alive) else {
        return Ok(RefreshToken::Invalid);
    };
    if token.issued_at + long() <= now {
        return Ok(RefreshToken::Invalid);
    }
    if is_outdated(tx, &token).await? {
        end(tx, session.id, now).await?;
        return Ok(RefreshToken::Reused(session.id));
    }
    Ok(RefreshToken::Valid { session, token })
}

/// Returns whether a successor has been used, or another successor of the same parent.
async fn is_outdated(tx: &WriteTx, token: &refresh_token::Model) -> Result<bool, Error> {
    let mut used = sea_orm::Condition::any().add(T::Parent.eq(token.hash.clone()));
    if let Some(parent) = &token.parent {
        used = used.add(
            sea_orm::Condition::all()
                .add(T::Parent.eq(parent.clone()))
                .add(T::Hash.ne(token.hash.clone())),
        );
    }
    let later = Tokens::find()
        .filter(T::FamilyId.eq(token.family_id))
        .filter(T::UsedAt.is_not_null())
        .filter(used)
        .one(tx)
        .await?;
    Ok(later.is_some())
}

/// Uses a good token: its successor, and thirty more days.
pub async fn rotate(tx: &WriteTx, token: &refresh_token::Model, now: DateTime<Utc>) -> Result<String, Error> {
    Tokens::update_many()
        .col_expr(T::UsedAt, Expr::value(now))
        .filter(T::Hash.eq(token.hash.clone()))
        .filter(T::UsedAt.is_null())
        .exec(tx)
        .await?;
    Sessions::update_many()
        .col_expr(S::ExpiresAt, Expr::value(now + long()))
        .filter(S::Id.eq(token.family_id))
        .exec(tx)
        .await?;
    issue(tx, token.family_id, Some(token.hash.clone()), now).await
}

/// Ends one session.
pub async fn end(tx: &WriteTx, session: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    Sessions::update_many()
        .col_expr(S::RevokedAt, Expr::value(now))
        .filter(S::Id.eq(session))
        .filter(S::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends every session of an account except one; returns the ended ones.
pub async fn end_all(
    tx: &WriteTx,
    account: Uuid,
    except: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, Error> {
    let mut running = Sessions::find()
        .filter(S::AccountId.eq(account))
        .filter(S::RevokedAt.is_null())
        .filter(S::ExpiresAt.gt(now));
    if let Some(own) = except {
        running = running.filter(S::Id.ne(own));
    }
    let ids: Vec<Uuid> = running
        .lock_exclusive()
        .all(tx)
        .await?
        .into_iter()
        .map(|s| s.id)
        .collect();
    // By account and not by id: the number of sessions has no bound.
    let mut update = Sessions::update_many()
        .col_expr(S::RevokedAt, Expr::value(now))
        .filter(S::AccountId.eq(account))
        .filter(S::RevokedAt.is_null());
    if let Some(own) = except {
        update = update.filter(S::Id.ne(own));
    }
    update.exec(tx).await?;
    Ok(ids)
}

/// Deletes some of the sessions that ended longer ago than an access token lives, and expired refresh tokens. Returns
/// whether more may be left.
pub async fn sweep(tx: &WriteTx, now: DateTime<Utc>) -> Result<bool, Error> {
    const AT_A_TIME: usize = 500;
    let over = now - TimeDelta::hours(1);
    let gone = Sessions::find()
        .select_only()
        .column(S::Id)
        .filter(
            sea_orm::Condition::any()
                .add(S::ExpiresAt.lt(over))
                .add(S::RevokedAt.lt(over)),
        )
        .limit(AT_A_TIME as u64)
        .into_tuple::<Uuid>()
        .all(tx)
        .await?;
    let more = gone.len() == AT_A_TIME;
    Tokens::delete_many()
        .filter(
            sea_orm::Condition::any()
                .add(T::FamilyId.is_in(gone.clone()))
                .add(T::IssuedAt.lt(now - long())),
        )
        .exec(tx)
        .await?;
    Sessions::delete_many().filter(S::Id.is_in(gone)).exec(tx).await?;
    Ok(more)
}
