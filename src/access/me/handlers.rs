//! HTTP operations.

use actix_web::{HttpRequest, delete, get, post, web};
use uuid::Uuid;

use ::entity::account;

use super::dto::{Me, PasswordChange, SessionPage};
use super::{password, service};
use crate::access::Requires;
use crate::access::auth::TokenService;
use crate::access::auth::dto::TokenAnswer;
use crate::access::permissions::{MeRead, MeWrite, Permission};
use crate::core::civil;
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::Error;
use crate::platform::http::public_url::PublicUrl;
use crate::platform::http::{Body, Json, NoContent, NoStore, Paging, Path, Tagged};

/// Get my account
///
/// The account of the token, the scopes of the token, and what the office should do soon.
#[utoipa::path(
    tag = "me", operation_id = "getMe",
    security(("oauth2" = [MeRead::SCOPE])),
    responses(Tagged<Me>)
)]
#[get("/me")]
pub async fn get(actor: Requires<MeRead>, db: web::Data<Db>) -> Result<Tagged<Me>, Error> {
    let today = civil::date_of(db.clock().now());
    let me = db.read(async |tx| service::get(tx, &actor, today).await).await?;
    Tagged::by_content(me)
}

/// Change my password
///
/// Ends every session of the account, and every refresh token, also of this sign-in; the response has the tokens of a new
/// session. A wrong current password counts as a failed sign-in. One of the commonest passwords, the user name and one
/// repeated character are refused.
#[utoipa::path(
    tag = "me", operation_id = "updateMyPassword", request_body = PasswordChange,
    security(("oauth2" = [MeWrite::SCOPE])),
    responses(
        NoStore<Json<TokenAnswer>>,
        (status = 422, description = "The current password is wrong, the account has none, or the new one is weak"),
    )
)]
#[post("/me/password")]
pub async fn change_password(
    actor: Requires<MeWrite>,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
    public_url: web::Data<PublicUrl>,
    req: HttpRequest,
    body: Body<PasswordChange>,
) -> Result<NoStore<Json<TokenAnswer>>, Error> {
    let network = actor.network();
    let begin =
        async |tx: &WriteTx, account: &account::Model| service::same_scopes(tx, &actor, account, &network).await;
    let tokens = password::replace(&actor, &db, &token_service, &network, body.0, begin).await?;
    let answer = tokens.answer(&token_service, public_url.for_caller(&req))?;
    Ok(NoStore(Json(answer)))
}

/// List my sessions
///
/// The sign-ins of this account that have not ended, oldest first. A client has one for each access token of the last 15
/// minutes.
#[utoipa::path(
    tag = "me", operation_id = "listMySessions", params(Paging),
    security(("oauth2" = [MeRead::SCOPE])),
    responses(SessionPage)
)]
#[get("/me/sessions")]
pub async fn list_sessions(actor: Requires<MeRead>, db: web::Data<Db>, paging: Paging) -> Result<SessionPage, Error> {
    db.read(async |tx| service::sessions(tx, &actor, &paging, db.clock().now()).await)
        .await
}

/// End one of my sessions
///
/// Its tokens are refused from then on, on every instance within seconds. A session is no record: it needs neither a reason
/// nor `If-Match`.
#[utoipa::path(
    tag = "me", operation_id = "deleteMySession",
    params(("id" = Uuid, Path, description = "Id of the session")),
    security(("oauth2" = [MeWrite::SCOPE])),
    responses(NoContent)
)]
#[delete("/me/sessions/{id}")]
pub async fn end_session(
    actor: Requires<MeWrite>,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
    id: Path<Uuid>,
) -> Result<NoContent, Error> {
    service::end_session(&db, &token_service, &actor, &actor.source(), id.0).await?;
    Ok(NoContent)
}

/// End my other sessions
///
/// Signs out everywhere but here: the session of this request goes on, and `POST /v1/auth/revoke` ends it. If a stranger may
/// have the password or a token, change the password instead: that ends everything.
#[utoipa::path(
    tag = "me", operation_id = "deleteMyOtherSessions",
    security(("oauth2" = [MeWrite::SCOPE])),
    responses(NoContent)
)]
#[delete("/me/sessions")]
pub async fn end_other_sessions(
    actor: Requires<MeWrite>,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
) -> Result<NoContent, Error> {
    service::end_other_sessions(&db, &token_service, &actor, &actor.source()).await?;
    Ok(NoContent)
}
