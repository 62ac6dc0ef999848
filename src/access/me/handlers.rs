//! HTTP operations.

use actix_web::{HttpRequest, get, post, web};

use super::dto::{Me, PasswordChange};
use super::service;
use crate::access::Requires;
use crate::access::auth::handlers::address;
use crate::access::auth::{TokenService, grant, password};
use crate::access::permissions::{MeRead, MeWrite, Permission};
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::{Body, NoContent, Tagged};

/// Get my account
///
/// The account of the token, and the scopes of the token.
#[utoipa::path(
    tag = "me", operation_id = "getMe",
    security(("oauth2" = [MeRead::SCOPE])),
    responses(Tagged<Me>)
)]
#[get("/me")]
pub async fn get(actor: Requires<MeRead>, db: web::Data<Db>) -> Result<Tagged<Me>, Error> {
    let me = db.read(async |tx| service::get(tx, &actor).await).await?;
    Tagged::by_content(me)
}

/// Change my password
///
/// All other sessions end; the session of this request goes on. A wrong current password counts as a failed sign-in.
#[utoipa::path(
    tag = "me", operation_id = "updateMyPassword", request_body = PasswordChange,
    security(("oauth2" = [MeWrite::SCOPE])),
    responses(
        NoContent,
        (status = 422, description = "The current password is wrong, or the account has none"),
    )
)]
#[post("/me/password")]
pub async fn change_password(
    actor: Requires<MeWrite>,
    req: HttpRequest,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
    body: Body<PasswordChange>,
) -> Result<NoContent, Error> {
    let verified = db.read(async |tx| service::password(tx, &actor).await).await?;
    let key = (actor.username.clone(), address(&req)?);
    grant::check_password(
        &token_service,
        key,
        Some(verified.hash.clone()),
        &body.0.current_password,
    )
    .await
    .map_err(|e| match e.code {
        Code::InvalidGrant => service::wrong_password(),
        _ => e,
    })?;
    let hash = password::hash(&body.0.new_password).await?;
    let ended = db
        .write(async |tx| service::set_password(tx, &actor, &verified, hash).await)
        .await?;
    token_service.end_sessions(ended);
    Ok(NoContent)
}
