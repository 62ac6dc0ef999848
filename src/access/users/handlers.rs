//! HTTP operations.

use actix_web::{delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{NewUser, User, UserFilter, UserPage, UserPatch};
use super::{changes, service};
use crate::access::Requires;
use crate::access::auth::TokenService;
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
    paging: Paging,
) -> Result<UserPage, Error> {
    db.read(async |tx| service::list(tx, &actor, &filter.0, &paging, db.clock().now()).await)
        .await
}

/// Create a user
///
/// The password is stored as a hash and never shown; one of the commonest passwords, the user name and one repeated
/// character are refused. A retry with the same `id` creates no second user and leaves the password as it is. The token needs
/// every scope of the new user's role.
#[utoipa::path(
    tag = "users", operation_id = "createUser", request_body = NewUser,
    security(("oauth2" = [UsersWrite::SCOPE])),
    responses(
        Created<User>,
        (status = 409, description = "The user name is or was taken, or the id is taken"),
        (status = 422, description = "Role, district and sections do not fit together, an unknown district, or a weak password"),
    )
)]
#[post("/users")]
pub async fn create(
    actor: Requires<UsersWrite>,
    db: web::Data<Db>,
    body: Body<NewUser>,
) -> Result<Created<User>, Error> {
    changes::create(&db, &actor, &actor.source(), body.0).await
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
    db.read_one(async |tx| service::get(tx, &actor, id.0).await)
        .await
        .map(Tagged::new)
}

/// Change a user
///
/// Earlier access tokens of the user become invalid, on every instance within seconds. A new password or `active: false`
/// ends the sessions of the user too. The token needs every scope of the user's role, and for a new password a sign-in
/// within the last 15 minutes (else 401 `insufficient_user_authentication`). One's own password is changed with `POST
/// /v1/me/password`.
#[utoipa::path(
    tag = "users", operation_id = "updateUser",
    params(("id" = Uuid, Path, description = "Id of the user"), IfMatch),
    request_body(content = UserPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [UsersWrite::SCOPE])),
    responses(
        Tagged<User>,
        (status = 409, description = "The last active administrator"),
        (status = 422, description = "Role, district and sections do not fit together, an unknown district, or a weak password"),
    )
)]
#[patch("/users/{id}")]
pub async fn patch(
    actor: Requires<UsersWrite>,
    db: web::Data<Db>,
    tokens: web::Data<TokenService>,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Patch<UserPatch>,
) -> Result<Tagged<User>, Error> {
    changes::change(&db, &tokens, (&actor, &actor.source()), id.0, &if_match, body)
        .await
        .map(Tagged::new)
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
    let change = db
        .write(async |tx| service::delete(tx, &actor, id.0, &if_match).await)
        .await?;
    tokens.revoke_tokens_before([(change.after.id, change.after.generation)]);
    change.audit("user deleted", &actor.source(), Some(&reason.0.reason));
    Ok(NoContent)
}
