//! Sign-ins. One sign-in is a family: the refresh tokens that descend from it, and the access tokens that carry its
//! id as `sid`.
//!
//! Each use of a refresh token makes a successor. The used one stays good until a successor is used for the first
//! time, so that an answer lost on the way costs nothing; once that has happened, whoever still sends it has a copy,
//! and the whole family ends.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use ::entity::refresh_family::{Column as F, Entity as Families};
use ::entity::refresh_token::{Column as T, Entity as Tokens};
use ::entity::{refresh_family, refresh_token};

use super::secret;
use super::token::LIFETIME;
use crate::platform::db::WriteTx;
use crate::platform::error::Error;

/// Days that a refresh token lives.
const DAYS: i64 = 30;

/// Begins a sign-in. `scope` is what was asked for, empty for everything.
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
    Families::insert(row).exec_without_returning(tx).await?;
    Ok(id)
}

/// As long as an access token: a sign-in without refresh tokens.
pub fn short() -> TimeDelta {
    TimeDelta::seconds(LIFETIME)
}

/// As long as a refresh token.
pub fn long() -> TimeDelta {
    TimeDelta::days(DAYS)
}

/// Issues a refresh token; only its SHA-256 is kept.
pub async fn issue(tx: &WriteTx, family: Uuid, parent: Option<Vec<u8>>, now: DateTime<Utc>) -> Result<String, Error> {
    let token = secret::generate()?;
    let row = refresh_token::ActiveModel {
        hash: Set(secret::digest_of(&token)),
        family_id: Set(family),
        parent: Set(parent),
        issued_at: Set(now),
        used_at: Set(None),
    };
    Tokens::insert(row).exec_without_returning(tx).await?;
    Ok(token)
}

/// What a refresh token was found to be.
#[derive(Debug)]
pub enum RefreshToken {
    Invalid,
    /// An older one of a sign-in that went on: somebody has a copy. The sign-in has been ended.
    Reused(Uuid),
    Valid {
        family: refresh_family::Model,
        token: refresh_token::Model,
    },
}

/// Looks a refresh token up, and ends its sign-in when it is an older one.
pub async fn find(tx: &WriteTx, token: &str, now: DateTime<Utc>) -> Result<RefreshToken, Error> {
    let Some(token) = Tokens::find_by_id(secret::digest_of(token)).one(tx).await? else {
        return Ok(RefreshToken::Invalid);
    };
    let family = Families::find_by_id(token.family_id).lock_exclusive().one(tx).await?;
    let alive = |f: &refresh_family::Model| f.revoked_at.is_none() && f.expires_at > now;
    let Some(family) = family.filter(alive) else {
        return Ok(RefreshToken::Invalid);
    };
    if token.issued_at + long() <= now {
        return Ok(RefreshToken::Invalid);
    }
    if is_outdated(tx, &token).await? {
        end(tx, family.id, now).await?;
        return Ok(RefreshToken::Reused(family.id));
    }
    Ok(RefreshToken::Valid { family, token })
}

/// Has a successor been used, or another successor of the same parent?
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
    Families::update_many()
        .col_expr(F::ExpiresAt, Expr::value(now + long()))
        .filter(F::Id.eq(token.family_id))
        .exec(tx)
        .await?;
    issue(tx, token.family_id, Some(token.hash.clone()), now).await
}

/// Ends one sign-in.
pub async fn end(tx: &WriteTx, family: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    Families::update_many()
        .col_expr(F::RevokedAt, Expr::value(now))
        .filter(F::Id.eq(family))
        .filter(F::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends every sign-in of an account but one; answers which.
pub async fn end_all(
    tx: &WriteTx,
    account: Uuid,
    except: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, Error> {
    let mut running = Families::find()
        .filter(F::AccountId.eq(account))
        .filter(F::RevokedAt.is_null())
        .filter(F::ExpiresAt.gt(now));
    if let Some(own) = except {
        running = running.filter(F::Id.ne(own));
    }
    let ids: Vec<Uuid> = running
        .lock_exclusive()
        .all(tx)
        .await?
        .into_iter()
        .map(|f| f.id)
        .collect();
    // By account, not by a list of ids: there is no bound on their number.
    let mut update = Families::update_many()
        .col_expr(F::RevokedAt, Expr::value(now))
        .filter(F::AccountId.eq(account))
        .filter(F::RevokedAt.is_null());
    if let Some(own) = except {
        update = update.filter(F::Id.ne(own));
    }
    update.exec(tx).await?;
    Ok(ids)
}

/// Forgets some of the sign-ins that have been over for longer than an access token lives, and the refresh tokens past
/// their time. Answers whether more may be left.
pub async fn sweep(tx: &WriteTx, now: DateTime<Utc>) -> Result<bool, Error> {
    const AT_A_TIME: usize = 500;
    let over = now - TimeDelta::hours(1);
    let gone = Families::find()
        .select_only()
        .column(F::Id)
        .filter(
            sea_orm::Condition::any()
                .add(F::ExpiresAt.lt(over))
                .add(F::RevokedAt.lt(over)),
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
    Families::delete_many().filter(F::Id.is_in(gone)).exec(tx).await?;
    Ok(more)
}
