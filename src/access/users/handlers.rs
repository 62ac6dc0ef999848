//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{NewUser, User, UserFilter, UserPage, UserPatch};
use super::service;
use crate::access::Requires;
use crate::access::auth::{TokenService, password};
use crate::access::permissions::{Permission, UsersRead, UsersWrite};
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, IfMatch, NoContent, Paging, Patch, Path, Query, Tagged};

/// List users
///
/// All accounts with a password, by user name, without deleted users.
#[utoipa::path(
    tag = "users", operation_id = "listUsers", params(UserFilter, Paging),
    security(("oauth2" = [UsersRead::SCOPE])),
    responses(UserPage)
)]
#[get("/users")]
pub async fn list(
    actor: Requires<UsersRead>,
    db: web::Data<Db>,
    filter: Query<UserFilter>,
    paging: Query<Paging>,
) -> Result<UserPage, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await
}

/// Create a user
///
/// The password is stored as a hash and never shown. A retry with the same `id` creates no second user and leaves the
/// password as it is.
#[utoipa::path(
    tag = "users", operation_id = "createUser", request_body = NewUser,
    security(("oauth2" = [UsersWrite::SCOPE])),
    responses(
        Created<User>,
        (status = 409, description = "The user name is or was taken, or the id is taken"),
        (status = 422, description = "Role, district and sections do not fit together, or an unknown district"),
    )
)]
#[post("/users")]
pub async fn create(
    actor: Requires<UsersWrite>,
    db: web::Data<Db>,
    body: Body<NewUser>,
) -> Result<Created<User>, Error> {
    let hash = password::hash(&body.0.password).await?;
    db.write(async |tx| service::create(tx, &actor, body.0, hash).await)
        .await
}

/// Get a user
///
/// The current content of a user.
#[utoipa::path(
    tag = "users", operation_id = "getUser", params(("id" = Uuid, Path, description = "Id of the user")),
    security(("oauth2" = [UsersRead::SCOPE])),
    responses(Tagged<User>)
)]
#[get("/users/{id}")]
pub async fn get(actor: Requires<UsersRead>, db: web::Data<Db>, id: Path<Uuid>) -> Result<Tagged<User>, Error> {
    db.read(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Change a user
///
/// Earlier access tokens of the user become invalid, on every instance within seconds. A new password or `active: false`
/// ends the sessions of the user too.
#[utoipa::path(
    tag = "users", operation_id = "updateUser",
    params(("id" = Uuid, Path, description = "Id of the user"), IfMatch),
    request_body(content = UserPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [UsersWrite::SCOPE])),
    responses(
        Tagged<User>,
        (status = 409, description = "The last active administrator"),
        (status = 422, description = "Role, district and sections do not fit together, or an unknown district"),
    )
)]
#[patch("/users/{id}")]
pub async fn patch(
    actor: Requires<UsersWrite>,
    db: web::Data<Db>,
    tokens: web::Data<TokenService>,
    id: Path<Uuid>,
    if_match: IfMatch,
    mut body: Patch<UserPatch>,
) -> Result<Tagged<User>, Error> {
    let hash = match body.take("password").as_ref().and_then(|p| p.as_str()) {
        Some(new) => Some(password::hash(new).await?),
        None => None,
    };
    let row = db
        .write(async |tx| service::patch(tx, &actor, id.0, &if_match, body, hash).await)
        .await?;
    tokens.revoke_tokens_before([(row.id, row.generation)]);
    User::try_from(row).map(Tagged::new)
}

/// Delete a user
///
/// All sessions of the user end. The user name stays taken, because records name it.
#[utoipa::path(
    tag = "users", operation_id = "deleteUser",
    params(("id" = Uuid, Path, description = "Id of the user"), DeleteReason, IfMatch),
    security(("oauth2" = [UsersWrite::SCOPE])),
    responses(
        NoContent,
        (status = 409, description = "The last active administrator"),
    )
)]
#[delete("/users/{id}")]
pub async fn delete(
    actor: Requires<UsersWrite>,
    db: web::Data<Db>,
    tokens: web::Data<TokenService>,
    id: Path<Uuid>,
    reason: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<NoContent, Error> {
    let row = db
        .write(async |tx| service::delete(tx, &actor, id.0, &if_match, &reason.0.reason).await)
        .await?;
    tokens.revoke_tokens_before([(row.id, row.generation)]);
    Ok(NoContent)
}
