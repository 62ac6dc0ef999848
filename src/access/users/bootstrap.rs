//! The first administrator, without whom nobody could make the others.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use ::entity::account;

use crate::access::accounts;
use crate::access::auth::{password, secret};
use crate::access::role::Role;
use crate::platform::db::WriteTx;
use crate::platform::error::Error;

pub const USERNAME: &str = "admin";

/// Who was made at the first start.
#[derive(Debug)]
pub struct FirstAdmin {
    pub username: &'static str,
    /// To be printed once: the random password. `None` when the operator chose it.
    pub password: Option<String>,
}

/// A password for the first administrator: its hash, and itself when it is a random one.
#[derive(Debug)]
pub struct FirstPassword {
    hash: String,
    random: Option<String>,
}

/// No user has ever been made.
pub async fn is_needed(conn: &impl ConnectionTrait) -> Result<bool, Error> {
    let users = account::Entity::find()
        .filter(account::Column::Kind.eq(accounts::USER))
        .count(conn)
        .await?;
    Ok(users == 0)
}

/// Hashes the operator's password (`IKU_ADMIN_PASSWORD`), or makes one up when there is none.
pub async fn password(chosen: Option<&str>) -> Result<FirstPassword, Error> {
    match chosen.filter(|p| !p.is_empty()) {
        Some(chosen) => {
            // It can be changed at any time; refusing to start over it would help nobody.
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

/// Makes `admin` unless there is a user already (another instance may have been faster).
pub async fn ensure_admin(tx: &WriteTx, password: FirstPassword) -> Result<Option<FirstAdmin>, Error> {
    if !is_needed(tx).await? {
        return Ok(None);
    }
    let now = accounts::now();
    let row = account::Model {
        id: Uuid::new_v4(),
        kind: accounts::USER.to_owned(),
        username: USERNAME.to_owned(),
        name: "Administrator".to_owned(),
        role: Role::Administrator.as_str().to_owned(),
        district_code: None,
        sections: "[]".to_owned(),
        active: true,
        generation: 1,
        changed_at: now,
        created_at: now,
        created_by: "iku".to_owned(),
        deleted_at: None,
        last_used_at: None,
        fingerprint: None,
        enrolled_at: None,
    };
    let row = accounts::insert(tx, row).await?;
    accounts::set_credential(tx, row.id, accounts::PASSWORD, password.hash, now).await?;
    Ok(Some(FirstAdmin {
        username: USERNAME,
        password: password.random,
    }))
}
