//! New and changed users with all that follows: the password is hashed, earlier tokens end, and the log says who did it.

use uuid::Uuid;

use super::dto::{NewUser, User, UserPatch};
use super::service;
use crate::access::Actor;
use crate::access::audit::{self, Source};
use crate::access::auth::hash_queue::Caller;
use crate::access::auth::password_rules::ensure_strong;
use crate::access::auth::{TokenService, password};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{IfMatch, Patch};

/// Makes a user.
pub async fn create(db: &Db, actor: &Actor, source: &Source<'_>, new: NewUser) -> Result<Created<User>, Error> {
    ensure_strong(&new.password, &new.username, "#/password")?;
    let hash = password::hash(&new.password, caller(&source.network)).await?;
    let created = db.write(async |tx| service::create(tx, actor, new, hash).await).await?;
    if let Created::New(user) = &created {
        audit::account("user created", source, None, user, None);
    }
    Ok(match created {
        Created::New(user) => Created::New(user.try_into()?),
        Created::Existing(user) => Created::Existing(user.try_into()?),
    })
}

/// Changes a user.
pub async fn change(
    db: &Db,
    tokens: &TokenService,
    (actor, source): (&Actor, &Source<'_>),
    id: Uuid,
    if_match: &IfMatch,
    mut patch: Patch<UserPatch>,
) -> Result<User, Error> {
    let hash = match patch.take("password").as_ref().and_then(|p| p.as_str()) {
        Some(new) => Some(hashed_for(db, actor, source, id, new).await?),
        None => None,
    };
    let has_new_password = hash.is_some();
    let reason = patch.reason.clone();
    let change = db
        .write(async |tx| service::patch(tx, actor, id, if_match, patch, hash).await)
        .await?;
    tokens.revoke_tokens_before([(change.after.id, change.after.generation)]);
    let what = if has_new_password {
        "user changed, with a new password"
    } else {
        "user changed"
    };
    change.audit(what, source, reason.as_deref());
    User::try_from(change.after)
}

/// Checks and hashes a new password that an administrator gives to another user.
async fn hashed_for(db: &Db, actor: &Actor, source: &Source<'_>, id: Uuid, new: &str) -> Result<String, Error> {
    if id == actor.id {
        return Err(Error::rule(
            "#/password",
            "Kata sandi sendiri diganti dengan POST /v1/me/password, yang meminta kata sandi sekarang.",
            "Change your own password with POST /v1/me/password, which asks for the current one.",
        ));
    }
    actor.ensure_recent_sign_in(db.clock().now())?;
    let user = db.read(async |tx| service::get(tx, actor, id).await).await?;
    ensure_strong(new, &user.username, "#/password")?;
    password::hash(new, caller(&source.network)).await
}

/// A caller with a valid token.
fn caller(network: &str) -> Caller<'_> {
    Caller {
        network,
        is_known: true,
    }
}
