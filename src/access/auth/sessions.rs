//! Sessions, from sign-in to sign-out. All refresh tokens that descend from one sign-in belong to one session, and its
//! access tokens carry the id of the session as `sid`. (The tables are called `refresh_family` and `refresh_token`.)
//!
//! Each use of a refresh token makes a successor. The used token stays valid until a successor is used for the first
//! time, so that a lost response does no harm, but for a day and five more uses at most. Use of the old token after its
//! successor proves that a copy exists, and ends the session. A session ends after ninety days in any case.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use ::entity::refresh_family::{Column as S, Entity as Sessions, Model as Session};
use ::entity::refresh_token::{Column as T, Entity as Tokens};
use ::entity::{refresh_family, refresh_token};

use super::secret;
use super::token::LIFETIME;
use crate::platform::db::WriteTx;
use crate::platform::error::Error;
use crate::platform::http::page::{Keyset, PageRequest, PageRows};

/// Days that a refresh token lives.
const DAYS: i64 = 30;
/// Days after which a person signs in again, however often the session was used.
const SESSION_DAYS: i64 = 90;
/// How long, and how often again, a used refresh token stays valid.
const REUSE: TimeDelta = TimeDelta::hours(24);
const REUSES: i32 = 5;

/// Begins a session. `scope` has the requested scopes; empty: all.
pub async fn begin(
    tx: &WriteTx,
    account: Uuid,
    scope: String,
    lives: TimeDelta,
    network: &str,
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
        last_used_at: Set(None),
        network: Set(some(network)),
    };
    Sessions::insert(row).exec_without_returning(tx).await?;
    Ok(id)
}

/// An unknown network is stored as NULL.
pub(super) fn some(network: &str) -> Option<String> {
    Some(network.to_owned()).filter(|n| !n.is_empty())
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
        uses: Set(0),
    };
    Tokens::insert(row).exec_without_returning(tx).await?;
    Ok(token)
}

/// The state of a refresh token that a client has sent.
#[derive(Debug)]
pub enum RefreshToken {
    Invalid,
    /// A successor is in use, so a copy of this token exists. The session has been ended.
    Reused(Session),
    Valid {
        session: Session,
        token: refresh_token::Model,
    },
}

/// Looks a refresh token up, and ends its session if the token was reused.
pub async fn find(tx: &WriteTx, token: &str, now: DateTime<Utc>) -> Result<RefreshToken, Error> {
    let hash = secret::digest_of(token);
    let Some(unlocked) = Tokens::find_by_id(hash.clone()).one(tx).await? else {
        return Ok(RefreshToken::Invalid);
    };
    let session = Sessions::find_by_id(unlocked.family_id)
        .lock_exclusive()
        .one(tx)
        .await?;
    // Read again under the lock: another use of the token may have been counted meanwhile.
    let Some(token) = Tokens::find_by_id(hash).one(tx).await? else {
        return Ok(RefreshToken::Invalid);
    };
    let is_alive = |s: &Session| s.revoked_at.is_none() && s.expires_at.min(last_end(s)) > now;
    let Some(session) = session.filter(is_alive) else {
        return Ok(RefreshToken::Invalid);
    };
    if token.issued_at + long() <= now {
        return Ok(RefreshToken::Invalid);
    }
    if is_outdated(tx, &token).await? {
        end(tx, session.id, now).await?;
        return Ok(RefreshToken::Reused(session));
    }
    if token.used_at.is_some_and(|first| first + REUSE <= now) || token.uses > REUSES {
        return Ok(RefreshToken::Invalid);
    }
    Ok(RefreshToken::Valid { session, token })
}

/// Returns whether a successor has been used, or another successor of the same parent.
async fn is_outdated(tx: &WriteTx, token: &refresh_token::Model) -> Result<bool, Error> {
    let mut used = Condition::any().add(T::Parent.eq(token.hash.clone()));
    if let Some(parent) = &token.parent {
        used = used.add(
            Condition::all()
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

/// The instant at which a session ends even if it is used.
fn last_end(session: &Session) -> DateTime<Utc> {
    session.created_at + TimeDelta::days(SESSION_DAYS)
}

/// Uses a valid token: issues its successor and extends the session by thirty days.
pub async fn rotate(
    tx: &WriteTx,
    session: &Session,
    token: &refresh_token::Model,
    network: &str,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    Tokens::update_many()
        .col_expr(T::UsedAt, Expr::value(token.used_at.unwrap_or(now)))
        .col_expr(T::Uses, Expr::value(token.uses + 1))
        .filter(T::Hash.eq(token.hash.clone()))
        .exec(tx)
        .await?;
    Sessions::update_many()
        .col_expr(S::ExpiresAt, Expr::value((now + long()).min(last_end(session))))
        .col_expr(S::LastUsedAt, Expr::value(now))
        .col_expr(S::Network, Expr::value(some(network)))
        .filter(S::Id.eq(token.family_id))
        .exec(tx)
        .await?;
    issue(tx, token.family_id, Some(token.hash.clone()), now).await
}

/// Ends one running session of an account; returns whether there was one.
pub async fn end_of(tx: &WriteTx, account: Uuid, session: Uuid, now: DateTime<Utc>) -> Result<bool, Error> {
    let done = Sessions::update_many()
        .col_expr(S::RevokedAt, Expr::value(now))
        .filter(running(account, now))
        .filter(S::Id.eq(session))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// The sessions of an account that have not ended.
fn running(account: Uuid, now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(S::AccountId.eq(account))
        .add(S::RevokedAt.is_null())
        .add(S::ExpiresAt.gt(now))
}

/// Returns one page of the running sessions of an account, oldest first.
pub async fn page(
    conn: &impl ConnectionTrait,
    account: Uuid,
    wanted: &PageRequest,
    now: DateTime<Utc>,
) -> Result<PageRows<Session>, Error> {
    let query = Sessions::find().filter(running(account, now));
    let keyset = Keyset::ascending(vec![S::CreatedAt, S::Id]);
    wanted.fetch(conn, query, &keyset, wanted.at(now)).await
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
    let mut running = Sessions::find().filter(running(account, now));
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
    // Filtered by account, not by ids: the number of sessions has no bound.
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
        .filter(Condition::any().add(S::ExpiresAt.lt(over)).add(S::RevokedAt.lt(over)))
        .limit(AT_A_TIME as u64)
        .into_tuple::<Uuid>()
        .all(tx)
        .await?;
    let more = gone.len() == AT_A_TIME;
    Tokens::delete_many()
        .filter(
            Condition::any()
                .add(T::FamilyId.is_in(gone.clone()))
                .add(T::IssuedAt.lt(now - long())),
        )
        .exec(tx)
        .await?;
    Sessions::delete_many().filter(S::Id.is_in(gone)).exec(tx).await?;
    Ok(more)
}
