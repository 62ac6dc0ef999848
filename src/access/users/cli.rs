//! Users from the command line: no token, but the same rules as in the API.

use serde_json::json;

use ::entity::account::{Column as C, Entity as Accounts};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::dto::{NewUser, User};
use super::service;
use crate::access::Actor;
use crate::access::accounts::{self, AccountKind, Change};
use crate::access::audit::{self, Source};
use crate::access::auth::hash_queue::OPERATOR;
use crate::access::auth::password_rules::ensure_strong;
use crate::access::auth::{password, sessions};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::Contract;

/// Makes a user, validated by the contract as a request is.
pub async fn add(db: &Db, contract: &Contract, new: NewUser) -> Result<User, Error> {
    let mut body = serde_json::to_value(&new).map_err(Error::internal)?;
    body["password"] = json!(new.password);
    contract.check_body("NewUser", &body)?;
    ensure_strong(&new.password, &new.username, "#/password")?;
    let hash = password::hash(&new.password, OPERATOR).await?;
    let created = db
        .write(async |tx| service::create(tx, &Actor::operator(), new, hash).await)
        .await?;
    match created {
        Created::New(user) => {
            audit::account("user created", &Source::operator(), None, &user, None);
            user.try_into()
        }
        Created::Existing(user) => user.try_into(),
    }
}

/// Gives a user a new password and ends all the user's sessions. 404 when there is no such user.
pub async fn set_password(db: &Db, username: &str, new: &str) -> Result<(), Error> {
    ensure_strong(new, username, "#/password")?;
    let hash = password::hash(new, OPERATOR).await?;
    let change = db
        .write(async |tx| {
            let found = accounts::by_username(tx, username).await?;
            let id = found.ok_or_else(Error::not_found)?.id;
            let seen = accounts::lock(tx, id).await?;
            let seen = seen.filter(|a| accounts::is_user(a) && a.deleted_at.is_none());
            let seen = seen.ok_or_else(Error::not_found)?;
            let operator = Actor::operator().author();
            let stored = accounts::update(tx, &operator, &seen, seen.clone(), true).await?;
            accounts::set_credential(tx, &operator, &stored, accounts::PASSWORD, hash, stored.changed_at).await?;
            sessions::end_all(tx, id, None, stored.changed_at).await?;
            Ok(Change {
                before: seen,
                after: stored,
            })
        })
        .await?;
    change.audit("user changed, with a new password", &Source::operator(), None);
    Ok(())
}

/// Returns every user that is not deleted, by user name.
pub async fn list(db: &Db) -> Result<Vec<User>, Error> {
    let rows = db
        .read(async |tx| {
            Ok(Accounts::find()
                .filter(C::Kind.eq(AccountKind::User.as_str()))
                .filter(C::DeletedAt.is_null())
                .order_by_asc(C::Username)
                .all(tx)
                .await?)
        })
        .await?;
    rows.into_iter().map(User::try_from).collect()
}
