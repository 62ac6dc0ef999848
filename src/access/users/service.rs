//! The rules of making and changing users.
//!
//! Passwords are hashed before the transaction starts: hashing takes 25 ms.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use ::entity::account;

use super::dto::{NewUser, User, UserFilter, UserPage, UserPatch};
use super::query;
use crate::access::accounts::{self, AccountKind, Change};
use crate::access::auth::sessions;
use crate::access::{Actor, Role, assignment};
use crate::platform::db::WriteTx;
use crate::platform::db::versions::Created;
use crate::platform::error::{Code, Error, FieldErrors};
use crate::platform::fingerprint;
use crate::platform::http::{ETag, IfMatch, Paging, Patch};

pub async fn list(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &UserFilter,
    paging: &Paging,
    now: DateTime<Utc>,
) -> Result<UserPage, Error> {
    let district = actor.scope_district(filter.district_code.as_ref().map(|d| d.as_str()))?;
    let wanted = paging.open(&("users", filter, &district))?;
    let at = wanted.at(now);
    query::page(conn, district, filter, &wanted, at)
        .await?
        .try_map(User::try_from)
}

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<User, Error> {
    visible(actor, accounts::by_id(conn, id).await?)?.try_into()
}

/// Makes a user. The same id and content (without the password) sent again return the user as it is now.
pub async fn create(
    tx: &WriteTx,
    actor: &Actor,
    new: NewUser,
    password_hash: String,
) -> Result<Created<account::Model>, Error> {
    accounts::one_creation_at_a_time(tx).await?;
    let id = new.id.unwrap_or_else(Uuid::new_v4);
    let new = NewUser { id: None, ..new };
    let fingerprint = fingerprint::canonical_hex(&new)?;
    if let Some(before) = accounts::retry_of(tx, id, &fingerprint).await? {
        return Ok(Created::Existing(visible(actor, Some(before))?));
    }
    if accounts::by_username(tx, &new.username).await?.is_some() {
        return Err(Error::new(Code::DuplicateUsername)
            .detail(
                "Pilih nama pengguna lain. Nama yang pernah dipakai tidak diberikan kepada pengguna kedua.",
                "Choose another username. A username is never given to a second user.",
            )
            .at("#/username"));
    }
    let blank = accounts::blank(tx, id, AccountKind::User, &actor.username, Some(fingerprint));
    let user = User {
        id,
        username: new.username,
        name: new.name,
        role: new.role,
        district_code: new.district_code,
        sections: new.sections,
        active: new.active,
        changed_at: blank.changed_at,
    };
    actor.ensure_can_hand_out(user.role)?;
    ensure_valid(tx, actor, &user).await?;
    let named = account::Model {
        username: user.username.clone(),
        ..blank
    };
    let row = updated(&named, user)?;
    let row = accounts::create(tx, &actor.author(), row, accounts::PASSWORD, password_hash).await?;
    Ok(Created::New(row))
}

/// Changes a user; a new password ends all sessions. The row after the change has the new token generation.
pub async fn patch(
    tx: &WriteTx,
    actor: &Actor,
    id: Uuid,
    if_match: &IfMatch,
    patch: Patch<UserPatch>,
    password_hash: Option<String>,
) -> Result<Change, Error> {
    let (seen, administrators) = accounts::lock_with_administrators(tx, id).await?;
    let seen = visible(actor, seen)?;
    if_match.check(&ETag::at(seen.changed_at))?;
    let old: User = seen.clone().try_into()?;
    let new = old.patched(patch.apply(&old.as_patch())?);
    if new == old && password_hash.is_none() {
        return Ok(Change {
            before: seen.clone(),
            after: seen,
        });
    }
    actor.ensure_can_hand_out(new.role)?;
    ensure_valid(tx, actor, &new).await?;
    let next = updated(&seen, new)?;
    ensure_an_administrator_stays(&seen, &next, &administrators)?;
    // A new name alone does not end the tokens.
    let same_rights = (&seen.role, &seen.district_code, &seen.sections, seen.active)
        == (&next.role, &next.district_code, &next.sections, next.active);
    let author = actor.author();
    let stored = accounts::update(tx, &author, &seen, next, !same_rights || password_hash.is_some()).await?;
    if let Some(hash) = password_hash {
        accounts::set_credential(tx, &author, &stored, accounts::PASSWORD, hash, stored.changed_at).await?;
        sessions::end_all(tx, id, None, stored.changed_at).await?;
    }
    Ok(Change {
        before: seen,
        after: stored,
    })
}

/// Deletes a user; the user name stays taken.
pub async fn delete(tx: &WriteTx, actor: &Actor, id: Uuid, if_match: &IfMatch) -> Result<Change, Error> {
    let (seen, administrators) = accounts::lock_with_administrators(tx, id).await?;
    let seen = visible(actor, seen)?;
    if_match.check(&ETag::at(seen.changed_at))?;
    let mut next = seen.clone();
    next.deleted_at = Some(tx.clock().now());
    ensure_an_administrator_stays(&seen, &next, &administrators)?;
    let after = accounts::remove(tx, &actor.author(), &seen, next).await?;
    Ok(Change { before: seen, after })
}

/// Returns the user if it exists and the actor may see it.
fn visible(actor: &Actor, row: Option<account::Model>) -> Result<account::Model, Error> {
    accounts::visible(actor, row.filter(accounts::is_user))
}

fn updated(row: &account::Model, user: User) -> Result<account::Model, Error> {
    let mut sections = user.sections;
    sections.sort_unstable();
    sections.dedup();
    Ok(account::Model {
        name: user.name,
        role: user.role.as_str().to_owned(),
        district_code: user.district_code.map(String::from),
        sections: serde_json::to_string(&sections).map_err(Error::internal)?,
        active: user.active,
        ..row.clone()
    })
}

/// The rules of every user, new or changed.
async fn ensure_valid(tx: &WriteTx, actor: &Actor, user: &User) -> Result<(), Error> {
    let is_known = assignment::is_known(tx, user.district_code.as_ref()).await?;
    validate(actor, user, is_known).into_result()
}

fn validate(actor: &Actor, user: &User, is_known_district: bool) -> FieldErrors {
    let mut errors = assignment::validate(actor, user.role, user.district_code.as_ref(), is_known_district);
    let (is_officer, has_sections) = (user.role == Role::Officer, !user.sections.is_empty());
    errors.check(!is_officer || has_sections, || {
        Error::rule(
            "#/sections",
            "Petugas bekerja untuk sedikitnya satu seksi.",
            "An officer works for at least one section.",
        )
    });
    errors.check(user.role != Role::Reporter, || {
        Error::rule(
            "#/role",
            "Peran reporter hanya untuk sistem desa, bukan untuk orang.",
            "The role reporter is for the systems of villages, not for people.",
        )
    });
    errors.check(is_officer || !has_sections, || {
        Error::rule(
            "#/sections",
            "Hanya petugas yang bekerja untuk seksi.",
            "Only officers work for sections.",
        )
    });
    errors
}

/// 409 when the change would remove the last administrator of the whole installation.
fn ensure_an_administrator_stays(
    seen: &account::Model,
    next: &account::Model,
    administrators: &[account::Model],
) -> Result<(), Error> {
    let others = administrators.iter().any(|a| a.id != seen.id);
    if !accounts::administers_everything(seen) || accounts::administers_everything(next) || others {
        return Ok(());
    }
    Err(Error::new(Code::LastAdministrator).detail(
        "Ini administrator terakhir yang aktif untuk seluruh kabupaten. Angkat yang lain lebih dulu.",
        "This is the last active administrator of the whole regency. Make another administrator first.",
    ))
}
