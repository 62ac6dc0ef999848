//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use uuid::Uuid;

use super::dto::{NewUser, User, UserFilter, UserPage, UserPatch};
use super::service;
use crate::access::Requires;
use crate::access::auth::{TokenService, password};
use crate::access::permissions::{Permission, UsersRead, UsersWrite};
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::{Body, DeleteReason, ETag, IfMatch, Paging, Patch, Path, Query, reply};

fn tag(user: &User) -> ETag {
    ETag::at(user.changed_at)
}

/// List users
///
/// Everybody who can be given a password, by user name; deleted ones are left out.
#[utoipa::path(
    tag = "users", operation_id = "listUsers", params(UserFilter, Paging),
    security(("oauth2" = [UsersRead::SCOPE])),
    responses((status = 200, description = "One page of users", body = UserPage))
)]
#[get("/users")]
pub async fn list(
    actor: Requires<UsersRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    filter: Query<UserFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Error> {
    let page = db
        .read(async |tx| service::list(tx, &actor, &filter.0, &paging.0).await)
        .await?;
    reply::page(&req, &page)
}

/// Make a user
///
/// The password is kept as a hash and never shown. The same request twice makes one user; its password is that of the
/// first.
#[utoipa::path(
    tag = "users", operation_id = "createUser", request_body = NewUser,
    security(("oauth2" = [UsersWrite::SCOPE])),
    responses(
        (status = 201, description = "Made", body = User, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 200, description = "Was made before by the same request", body = User, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The username is or was taken, or the id is"),
        (status = 422, description = "Role, district and sections do not go together, or an unknown district"),
    )
)]
#[post("/users")]
pub async fn create(
    actor: Requires<UsersWrite>,
    db: web::Data<Db>,
    body: Body<NewUser>,
) -> Result<HttpResponse, Error> {
    let hash = password::hash(&body.0.password).await?;
    let created = db
        .write(async |tx| service::create(tx, &actor, body.0, hash).await)
        .await?;
    Ok(reply::created(created, |u| format!("/v1/users/{}", u.id), tag))
}

/// Get a user
///
/// One user as they are now.
#[utoipa::path(
    tag = "users", operation_id = "getUser", params(("id" = Uuid, Path, description = "Id of the user")),
    security(("oauth2" = [UsersRead::SCOPE])),
    responses((status = 200, description = "The user", body = User, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/users/{id}")]
pub async fn get(
    actor: Requires<UsersRead>,
    req: HttpRequest,
    db: web::Data<Db>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Error> {
    let user = db.read(async |tx| service::get(tx, &actor, id.0).await).await?;
    Ok(reply::one(&req, &tag(&user), &user))
}

/// Change a user
///
/// Role, district, sections, `active` or the password: access tokens issued before end, within seconds on every
/// instance. A new password, or `active: false`, ends the sign-ins too.
#[utoipa::path(
    tag = "users", operation_id = "updateUser",
    params(("id" = Uuid, Path, description = "Id of the user"), IfMatch),
    request_body(content = UserPatch, content_type = "application/merge-patch+json"),
    security(("oauth2" = [UsersWrite::SCOPE])),
    responses(
        (status = 200, description = "Changed", body = User, headers(("ETag" = String, description = "Strong entity tag"))),
        (status = 409, description = "The last active administrator"),
        (status = 422, description = "Role, district and sections do not go together, or an unknown district"),
    )
)]
#[patch("/users/{id}")]
pub async fn patch(
    actor: Requires<UsersWrite>,
    db: web::Data<Db>,
    authority: web::Data<TokenService>,
    id: Path<Uuid>,
    if_match: IfMatch,
    mut body: Patch<UserPatch>,
) -> Result<HttpResponse, Error> {
    let hash = match body.take("password").as_ref().and_then(|p| p.as_str()) {
        Some(new) => Some(password::hash(new).await?),
        None => None,
    };
    let row = db
        .write(async |tx| service::patch(tx, &actor, id.0, &if_match, body, hash).await)
        .await?;
    authority.revoke_tokens_before([(row.id, row.generation)]);
    let user = User::try_from(row)?;
    Ok(reply::changed(&tag(&user), &user))
}

/// Delete a user
///
/// All their sign-ins end. The user name stays taken, for it stands beside what they recorded.
#[utoipa::path(
    tag = "users", operation_id = "deleteUser",
    params(("id" = Uuid, Path, description = "Id of the user"), DeleteReason, IfMatch),
    security(("oauth2" = [UsersWrite::SCOPE])),
    responses(
        (status = 204, description = "Deleted"),
        (status = 409, description = "The last active administrator"),
    )
)]
#[delete("/users/{id}")]
pub async fn delete(
    actor: Requires<UsersWrite>,
    db: web::Data<Db>,
    authority: web::Data<TokenService>,
    id: Path<Uuid>,
    why: Query<DeleteReason>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let row = db
        .write(async |tx| service::delete(tx, &actor, id.0, &if_match, &why.0.reason).await)
        .await?;
    authority.revoke_tokens_before([(row.id, row.generation)]);
    Ok(reply::gone())
}
