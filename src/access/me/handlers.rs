//! HTTP in, HTTP out.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::dto::{Me, PasswordChange};
use super::service;
use crate::access::Requires;
use crate::access::auth::handlers::address;
use crate::access::auth::{TokenService, grant, password};
use crate::access::permissions::{MeRead, MeWrite, Permission};
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::{Body, ETag, reply};

/// Who am I
///
/// The account behind the token, and what the token allows.
#[utoipa::path(
    tag = "me", operation_id = "getMe",
    security(("oauth2" = [MeRead::SCOPE])),
    responses((status = 200, description = "Whoever asks", body = Me, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/me")]
pub async fn get(actor: Requires<MeRead>, req: HttpRequest, db: web::Data<Db>) -> Result<HttpResponse, Error> {
    let me = db.read(async |tx| service::get(tx, &actor).await).await?;
    Ok(reply::one(&req, &ETag::of(&me)?, &me))
}

/// Change one's own password
///
/// All other sign-ins end; the one that asks goes on. Wrong current passwords count as failed sign-ins.
#[utoipa::path(
    tag = "me", operation_id = "updateMyPassword", request_body = PasswordChange,
    security(("oauth2" = [MeWrite::SCOPE])),
    responses(
        (status = 204, description = "Changed"),
        (status = 422, description = "The current password is wrong, or the account has none"),
    )
)]
#[post("/me/password")]
pub async fn change_password(
    actor: Requires<MeWrite>,
    req: HttpRequest,
    db: web::Data<Db>,
    authority: web::Data<TokenService>,
    body: Body<PasswordChange>,
) -> Result<HttpResponse, Error> {
    let verified = db.read(async |tx| service::password(tx, &actor).await).await?;
    let key = (actor.username.clone(), address(&req)?);
    grant::check_password(&authority, key, Some(verified.hash.clone()), &body.0.current_password)
        .await
        .map_err(|e| match e.code {
            Code::InvalidGrant => service::wrong_password(),
            _ => e,
        })?;
    let hash = password::hash(&body.0.new_password).await?;
    let ended = db
        .write(async |tx| service::set_password(tx, &actor, &verified, hash).await)
        .await?;
    authority.end_sessions(ended);
    Ok(reply::gone())
}
