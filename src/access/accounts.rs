//! Accounts: the rows behind users and clients, and their credentials.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use ::entity::account::{Column as A, Entity as Accounts};
use ::entity::credential::{Column as C, Entity as Credentials};
use ::entity::{account, credential};

use super::actor::Actor;
use super::audit::{self, Source};
use super::auth::sessions;
use super::role::{Role, Section};
use crate::core::closed_list::closed_list;
use crate::platform::db::journal::{Action, Author, Event, Resource};
use crate::platform::db::{AdvisoryLock, WriteTx};
use crate::platform::error::{Code, Error};

/// The kind of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    User,
    System,
    Device,
}
closed_list!(AccountKind { User "user", System "system", Device "device" });

/// Kinds of credentials.
pub const PASSWORD: &str = "password";
pub const SECRET: &str = "secret";

/// Returns whether the account is active and not deleted.
pub fn can_sign_in(account: &account::Model) -> bool {
    account.active && account.deleted_at.is_none()
}

pub fn kind_of(account: &account::Model) -> Result<AccountKind, Error> {
    Ok(account.kind.parse()?)
}

/// Returns whether the account belongs to a person.
pub fn is_user(account: &account::Model) -> bool {
    account.kind.parse() == Ok(AccountKind::User)
}

pub fn role_of(account: &account::Model) -> Result<Role, Error> {
    Ok(account.role.parse()?)
}

pub fn sections_of(account: &account::Model) -> Result<Vec<Section>, Error> {
    serde_json::from_str(&account.sections).map_err(Error::internal)
}

pub async fn by_id(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<account::Model>, Error> {
    Ok(Accounts::find_by_id(id).one(conn).await?)
}

pub async fn by_username(conn: &impl ConnectionTrait, username: &str) -> Result<Option<account::Model>, Error> {
    Ok(Accounts::find().filter(A::Username.eq(username)).one(conn).await?)
}

/// Returns the account and locks it until this transaction ends.
pub async fn lock(tx: &WriteTx, id: Uuid) -> Result<Option<account::Model>, Error> {
    Ok(Accounts::find_by_id(id).lock_exclusive().one(tx).await?)
}

/// Locks the account and every administrator of the whole installation: a change that removes one must see the others.
pub async fn lock_with_administrators(
    tx: &WriteTx,
    id: Uuid,
) -> Result<(Option<account::Model>, Vec<account::Model>), Error> {
    let administrators = sea_orm::Condition::all()
        .add(A::Kind.eq(AccountKind::User.as_str()))
        .add(A::Role.eq(Role::Administrator.as_str()))
        .add(A::DistrictCode.is_null())
        .add(A::Active.eq(true))
        .add(A::DeletedAt.is_null());
    let rows = Accounts::find()
        .filter(sea_orm::Condition::any().add(A::Id.eq(id)).add(administrators))
        .order_by_asc(A::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    let account = rows.iter().find(|a| a.id == id).cloned();
    Ok((account, rows.into_iter().filter(administers_everything).collect()))
}

/// Returns whether the account is an active administrator of the whole installation.
pub fn administers_everything(account: &account::Model) -> bool {
    is_user(account)
        && account.role == Role::Administrator.as_str()
        && account.district_code.is_none()
        && can_sign_in(account)
}

/// Returns the valid password or secret.
pub async fn credential(conn: &impl ConnectionTrait, account: Uuid) -> Result<Option<credential::Model>, Error> {
    Ok(Credentials::find()
        .filter(C::AccountId.eq(account))
        .filter(C::RevokedAt.is_null())
        .one(conn)
        .await?)
}

/// Replaces the password or secret and erases the hash of the old one.
pub async fn set_credential(
    tx: &WriteTx,
    author: &Author,
    account: &account::Model,
    kind: &str,
    hash: String,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    revoke_credentials(tx, account.id, now).await?;
    let district = account.district_code.as_deref();
    tx.note(
        author,
        Event::new(district, now, Action::SecretReplaced, resource_of(account), account.id),
    );
    insert_credential(tx, account.id, kind, hash, now).await
}

async fn insert_credential(
    tx: &WriteTx,
    account: Uuid,
    kind: &str,
    hash: String,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = credential::ActiveModel {
        id: Set(Uuid::new_v4()),
        account_id: Set(account),
        kind: Set(kind.to_owned()),
        hash: Set(hash),
        created_at: Set(now),
        revoked_at: Set(None),
        last_used_at: Set(None),
    };
    Credentials::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn revoke_credentials(tx: &WriteTx, account: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    Credentials::update_many()
        .col_expr(C::RevokedAt, Expr::value(now))
        .col_expr(C::Hash, Expr::value(""))
        .filter(C::AccountId.eq(account))
        .filter(C::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Stores a changed client with a new secret. The old secret, its sessions and its tokens end.
pub async fn replace_secret(
    tx: &WriteTx,
    author: &Author,
    seen: &account::Model,
    next: account::Model,
    hash: String,
) -> Result<account::Model, Error> {
    let stored = update(tx, author, seen, next, true).await?;
    set_credential(tx, author, &stored, SECRET, hash, stored.changed_at).await?;
    sessions::end_all(tx, stored.id, None, stored.changed_at).await?;
    Ok(stored)
}

/// Records that the account and its credential were used.
pub async fn touch_last_used(tx: &WriteTx, account: Uuid, credential: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    Accounts::update_many()
        .col_expr(A::LastUsedAt, Expr::value(now))
        .filter(A::Id.eq(account))
        .exec(tx)
        .await?;
    Credentials::update_many()
        .col_expr(C::LastUsedAt, Expr::value(now))
        .filter(C::Id.eq(credential))
        .exec(tx)
        .await?;
    Ok(())
}

/// Returns a new account without a name, a role or a district.
pub fn blank(
    tx: &WriteTx,
    id: Uuid,
    kind: AccountKind,
    created_by: &str,
    fingerprint: Option<String>,
) -> account::Model {
    let now = tx.clock().now();
    account::Model {
        id,
        kind: kind.to_string(),
        username: String::new(),
        name: String::new(),
        role: String::new(),
        district_code: None,
        sections: "[]".to_owned(),
        active: true,
        generation: 1,
        changed_at: now,
        created_at: now,
        created_by: created_by.to_owned(),
        deleted_at: None,
        last_used_at: None,
        fingerprint,
        enrolled_at: None,
        village_code: None,
    }
}

/// Stores a new account with its password or secret.
pub async fn create(
    tx: &WriteTx,
    author: &Author,
    row: account::Model,
    kind: &str,
    hash: String,
) -> Result<account::Model, Error> {
    Accounts::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    note(tx, author, None, &row);
    insert_credential(tx, row.id, kind, hash, row.created_at).await?;
    Ok(row)
}

/// Notes a new, changed or deleted account in the journals of its districts, with what differs.
fn note(tx: &WriteTx, author: &Author, before: Option<&account::Model>, after: &account::Model) {
    let shown = |account: &account::Model| {
        [
            ("username", json!(account.username)),
            ("name", json!(account.name)),
            ("role", json!(account.role)),
            ("district_code", json!(account.district_code)),
            ("sections", json!(account.sections)),
            ("village_code", json!(account.village_code)),
            ("active", json!(account.active)),
        ]
    };
    let (action, mut details): (_, Map<String, Value>) = match before {
        None => (Action::Created, named(shown(after))),
        Some(before) if before.deleted_at != after.deleted_at => (Action::Deleted, named(shown(after))),
        Some(before) => {
            let pairs = shown(before).into_iter().zip(shown(after));
            let differ = pairs.filter(|(old, new)| old != new);
            let differ = differ.map(|((name, old), (_, new))| (name.to_owned(), json!([old, new])));
            (Action::Changed, differ.collect())
        }
    };
    // Only reporters have a village.
    details.retain(|name, value| name != "village_code" || !value.is_null());
    if details.is_empty() {
        return;
    }
    let mut districts = vec![after.district_code.as_deref()];
    districts.extend(before.map(|before| before.district_code.as_deref()));
    districts.dedup();
    for district in districts {
        let event = Event::new(district, after.changed_at, action, resource_of(after), after.id);
        tx.note(author, event.detail(Value::Object(details.clone())));
    }
}

fn named<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    let members = members.into_iter();
    members.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn resource_of(account: &account::Model) -> Resource {
    match is_user(account) {
        true => Resource::User,
        false => Resource::Client,
    }
}

/// Stores a changed account. With `ends_tokens`, earlier access tokens end. If the account can no longer sign in, its
/// sessions end too.
pub async fn update(
    tx: &WriteTx,
    author: &Author,
    seen: &account::Model,
    mut next: account::Model,
    ends_tokens: bool,
) -> Result<account::Model, Error> {
    next.changed_at = tx.clock().now().max(seen.changed_at + TimeDelta::microseconds(1));
    if ends_tokens {
        next.generation = seen.generation + 1;
    }
    next.clone().into_active_model().reset_all().update(tx).await?;
    note(tx, author, Some(seen), &next);
    if !can_sign_in(&next) {
        sessions::end_all(tx, next.id, None, next.changed_at).await?;
    }
    Ok(next)
}

/// Returns the account if this request repeats its creation. As `versions::retry_of`, for a table whose rows are changed
/// in place.
pub async fn retry_of(
    conn: &impl ConnectionTrait,
    id: Uuid,
    fingerprint: &str,
) -> Result<Option<account::Model>, Error> {
    let Some(row) = Accounts::find_by_id(id).one(conn).await? else {
        return Ok(None);
    };
    if row.fingerprint.as_deref() != Some(fingerprint) {
        return Err(Error::new(Code::IdConflict).at("#/id"));
    }
    if row.deleted_at.is_some() {
        return Err(Error::new(Code::Deleted).at("#/id"));
    }
    Ok(Some(row))
}

/// Marks an account as deleted: its row stays, because facts name it. The secret of a device stays valid for the scope
/// `responses:quarantine`, so that the device can send its stored answers.
pub async fn remove(
    tx: &WriteTx,
    author: &Author,
    seen: &account::Model,
    next: account::Model,
) -> Result<account::Model, Error> {
    let gone = update(tx, author, seen, next, true).await?;
    if kind_of(&gone)? != AccountKind::Device {
        revoke_credentials(tx, gone.id, gone.changed_at).await?;
    }
    Ok(gone)
}

/// Makes creations of accounts wait for each other, so that the second of two retries finds the account of the first.
pub async fn one_creation_at_a_time(tx: &WriteTx) -> Result<(), Error> {
    tx.advisory_lock(AdvisoryLock::Accounts).await
}

/// Returns the account if it exists and the actor may see it: an administrator of one district sees the accounts of that
/// district only.
pub fn visible(actor: &Actor, row: Option<account::Model>) -> Result<account::Model, Error> {
    row.filter(|a| a.deleted_at.is_none() && (actor.district.is_none() || actor.district == a.district_code))
        .ok_or_else(Error::not_found)
}

/// An account before and after a change.
#[derive(Debug)]
pub struct Change {
    pub before: account::Model,
    pub after: account::Model,
}

impl Change {
    /// Logs the change, if there was any.
    pub fn audit(&self, what: &str, source: &Source<'_>, reason: Option<&str>) {
        if self.before != self.after {
            audit::account(what, source, Some(&self.before), &self.after, reason);
        }
    }
}
