//! The first administrator, who makes all other users.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use ::entity::account;

use crate::access::Actor;
use crate::access::accounts::{self, AccountKind};
use crate::access::auth::hash_queue::OPERATOR;
use crate::access::auth::password_rules::ensure_strong;
use crate::access::auth::{password, secret};
use crate::access::role::Role;
use crate::platform::db::WriteTx;
use crate::platform::error::Error;
use crate::platform::text::Text;

pub const USERNAME: &str = "admin";

/// The administrator made at the first start.
#[derive(Debug)]
pub struct FirstAdmin {
    pub account: account::Model,
    /// The random password, to print once. `None` when the operator chose the password.
    pub password: Option<String>,
}

/// The password of the first administrator: its hash, and a random password itself.
#[derive(Debug)]
pub struct FirstPassword {
    hash: String,
    random: Option<String>,
}

/// Returns whether no user has ever been made.
pub async fn is_needed(conn: &impl ConnectionTrait) -> Result<bool, Error> {
    let users = account::Entity::find()
        .filter(account::Column::Kind.eq(AccountKind::User.as_str()))
        .count(conn)
        .await?;
    Ok(users == 0)
}

/// Hashes the operator's password (`IKU_ADMIN_PASSWORD`), or a random password when there is none. A weak password stops
/// the start.
pub async fn password(chosen: Option<&str>) -> Result<FirstPassword, Error> {
    match chosen.filter(|p| !p.is_empty()) {
        Some(chosen) => {
            ensure_strong(chosen, USERNAME, "#/password").map_err(refused)?;
            let hash = password::hash(chosen, OPERATOR).await?;
            Ok(FirstPassword { hash, random: None })
        }
        None => {
            let random = secret::generate()?;
            let hash = password::hash(&random, OPERATOR).await?;
            let random = Some(random);
            Ok(FirstPassword { hash, random })
        }
    }
}

/// Names the setting in the error of a weak password.
fn refused(error: Error) -> Error {
    let Text { id, en } = error.detail.clone().unwrap_or_else(|| error.code.title());
    error.detail(
        format!("IKU_ADMIN_PASSWORD ditolak: {id}"),
        format!("IKU_ADMIN_PASSWORD is refused: {en}"),
    )
}

/// Makes `admin` unless a user exists (another instance may have been faster).
pub async fn ensure_admin(tx: &WriteTx, password: FirstPassword) -> Result<Option<FirstAdmin>, Error> {
    if !is_needed(tx).await? {
        return Ok(None);
    }
    let row = account::Model {
        username: USERNAME.to_owned(),
        name: "Administrator".to_owned(),
        role: Role::Administrator.to_string(),
        ..accounts::blank(tx, Uuid::new_v4(), AccountKind::User, "iku", None)
    };
    let operator = Actor::operator().author();
    let row = accounts::create(tx, &operator, row, accounts::PASSWORD, password.hash).await?;
    Ok(Some(FirstAdmin {
        account: row,
        password: password.random,
    }))
}
