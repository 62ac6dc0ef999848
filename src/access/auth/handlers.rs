//! HTTP in, HTTP out.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue, PRAGMA};
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, web};

use super::dto::{JsonWebKey, JsonWebKeySet, RevokeRequest, TokenAnswer, TokenRequest};
use super::keys::KEPT_BY_OTHERS;
use super::{TokenService, grant, revocation};
use crate::access::Public;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::request_context::RequestContext;
use crate::platform::http::{Form, Tagged};

/// The address that failed passwords are counted by.
pub fn address(req: &HttpRequest) -> Result<String, Error> {
    let address = RequestContext::of(req)?.address;
    Ok(address.map(|a| a.to_string()).unwrap_or_default())
}

/// Sign in
///
/// OAuth2 (RFC 6749). People send `grant_type=password` and get a refresh token too; systems and phones send
/// `client_credentials`, with HTTP Basic or in the form. An access token lives 15 minutes, a refresh token 30 days;
/// each use of a refresh token answers a new one, and the old one stays good until the new one is used. An older one
/// ends the sign-in. Unknown parameters are passed over. After ten wrong passwords in a minute: 429.
///
/// A phone that was switched off or deleted, with its right secret, gets the scope `responses:quarantine` and no other.
#[utoipa::path(
    tag = "auth", operation_id = "createToken",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    security(()),
    responses(
        (status = 200, description = "Signed in", body = TokenAnswer),
        (status = 401, description = "Unknown client or wrong secret"),
    )
)]
#[post("/auth/token")]
pub async fn token(
    // No guard: this operation passes over what it does not know, in the query too.
    req: HttpRequest,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
    form: Form<TokenRequest>,
) -> Result<HttpResponse, Error> {
    let basic = grant::basic(req.headers());
    let answer: TokenAnswer = grant::grant(&db, &token_service, form.0, basic, address(&req)?).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"))
        .json(answer))
}

/// Sign out
///
/// Ends the sign-in that a refresh or access token came from, and with it all its tokens (RFC 7009). A token that is
/// unknown or already over is answered the same way.
#[utoipa::path(
    tag = "auth", operation_id = "revokeToken",
    request_body(content = RevokeRequest, content_type = "application/x-www-form-urlencoded"),
    security(()),
    responses((status = 200, description = "Over"))
)]
#[post("/auth/revoke")]
pub async fn revoke(
    _public: Public,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
    form: Form<RevokeRequest>,
) -> Result<HttpResponse, Error> {
    revocation::sign_out(&db, &token_service, &form.0.token).await?;
    Ok(HttpResponse::Ok().finish())
}

/// Keys
///
/// The public keys that access tokens are signed with, as a JSON Web Key Set: one, or two while one takes the place of the
/// other. Keep it for five minutes, and read it again for a token whose `kid` is not in it, at most every few seconds.
#[utoipa::path(
    tag = "auth", operation_id = "getKeys",
    security(()), servers((url = "/")),
    responses((status = 200, description = "The keys", body = JsonWebKeySet, headers(("ETag" = String, description = "Strong entity tag"))))
)]
#[get("/.well-known/jwks.json")]
pub async fn jwks(
    _public: Public,
    req: HttpRequest,
    token_service: web::Data<TokenService>,
) -> Result<HttpResponse, Error> {
    let keys = token_service.keys().into_iter().map(|key| JsonWebKey {
        kty: "OKP",
        crv: "Ed25519",
        usage: "sig",
        alg: "EdDSA",
        kid: key.kid,
        x: key.x,
    });
    let set = JsonWebKeySet { keys: keys.collect() };
    let mut answer = Tagged::by_content(set)?.respond_to(&req);
    let kept = format!("public, max-age={KEPT_BY_OTHERS}");
    let kept = HeaderValue::from_str(&kept).map_err(Error::internal)?;
    answer.headers_mut().insert(CACHE_CONTROL, kept);
    Ok(answer)
}
