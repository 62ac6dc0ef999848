//! The first administrator, who makes all other users.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use ::entity::account;

use crate::access::accounts::{self, AccountKind};
use crate::access::auth::{password, secret};
use crate::access::role::Role;
use crate::platform::db::WriteTx;
use crate::platform::error::Error;

pub const USERNAME: &str = "admin";

/// The administrator made at the first start.
#[derive(Debug)]
pub struct FirstAdmin {
    pub username: &'static str,
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

/// Hashes the operator's password (`IKU_ADMIN_PASSWORD`), or a random password when there is none.
pub async fn password(chosen: Option<&str>) -> Result<FirstPassword, Error> {
    match chosen.filter(|p| !p.is_empty()) {
        Some(chosen) => {
            // It can be changed at any time, so a short password does not stop the start.
            if password::must_be_long_enough(chosen).is_err() {
                tracing::warn!(
                    "the administrator's password should have at least {} characters",
                    password::SHORTEST
                );
            }
            let hash = password::hash(chosen).await?;
            Ok(FirstPassword { hash, random: None })
        }
        None => {
            let random = secret::generate()?;
            let hash = password::hash(&random).await?;
            let random = Some(random);
            Ok(FirstPassword { hash, random })
        }
    }
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
        ..accounts::blank(Uuid::new_v4(), AccountKind::User, "iku", None)
    };
    let row = accounts::insert(tx, row).await?;
    accounts::set_credential(tx, row.id, accounts::PASSWORD, password.hash, row.created_at).await?;
    Ok(Some(FirstAdmin {
        username: USERNAME,
        password: password.random,
    }))
}
