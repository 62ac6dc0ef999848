//! The caller's own account.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use ::entity::{account, credential};

use super::dto::Me;
use crate::access::auth::sessions;
use crate::access::{Actor, accounts};
use crate::platform::db::WriteTx;
use crate::platform::error::{Code, Error};
use crate::platform::http::DistrictCode;

pub async fn get(conn: &impl ConnectionTrait, actor: &Actor) -> Result<Me, Error> {
    let account = own(conn, actor).await?;
    let district_code = actor.district.clone().map(DistrictCode::try_from).transpose();
    Ok(Me {
        id: actor.id,
        kind: accounts::kind_of(&account)?,
        username: actor.username.clone(),
        name: account.name,
        role: actor.role,
        district_code: district_code.map_err(Error::internal)?,
        sections: actor.sections.clone(),
        scopes: actor.scopes.clone(),
    })
}

/// Returns the password to verify the current one by. A client has none: 422.
pub async fn password(conn: &impl ConnectionTrait, actor: &Actor) -> Result<credential::Model, Error> {
    let account = own(conn, actor).await?;
    if !accounts::is_user(&account) {
        return Err(Error::new(Code::RuleBroken).detail(
            "Sistem dan perangkat memakai rahasia, bukan kata sandi.",
            "Systems and devices have a secret, not a password.",
        ));
    }
    let credential = accounts::credential(conn, actor.id).await?;
    credential.ok_or_else(Error::not_found)
}

/// Replaces the verified password and ends all other sign-ins; returns which sign-ins ended.
pub async fn set_password(
    tx: &WriteTx,
    actor: &Actor,
    verified: &credential::Model,
    hash: String,
) -> Result<Vec<Uuid>, Error> {
    accounts::lock(tx, actor.id).await?;
    if accounts::credential(tx, actor.id)
        .await?
        .is_none_or(|c| c.id != verified.id)
    {
        return Err(wrong_password());
    }
    let now = accounts::now();
    accounts::set_credential(tx, actor.id, accounts::PASSWORD, hash, now).await?;
    sessions::end_all(tx, actor.id, actor.session, now).await
}

pub fn wrong_password() -> Error {
    Error::new(Code::WrongPassword).at("#/current_password")
}

async fn own(conn: &impl ConnectionTrait, actor: &Actor) -> Result<account::Model, Error> {
    let account = accounts::by_id(conn, actor.id).await?;
    account.filter(accounts::can_sign_in).ok_or_else(Error::not_found)
}
