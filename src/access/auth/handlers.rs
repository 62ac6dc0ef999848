//! HTTP in, HTTP out.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue, PRAGMA};
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, web};

use super::dto::{JsonWebKey, JsonWebKeySet, RevokeRequest, TokenAnswer, TokenRequest};
use super::keys::JWKS_MAX_AGE;
use super::{TokenService, grant, origin, revocation};
use crate::access::Public;
use crate::platform::db::Db;
use crate::platform::error::Error;
use crate::platform::http::public_url::PublicUrl;
use crate::platform::http::request_context::RequestContext;
use crate::platform::http::{Form, Tagged};

/// The network of a request, for failures and the audit log.
pub fn network(req: &HttpRequest) -> Result<String, Error> {
    let network = RequestContext::of(req)?.network;
    Ok(network.map(|n| n.to_string()).unwrap_or_default())
}

/// Sign in
///
/// OAuth2 (RFC 6749). People send `grant_type=password` and get a refresh token too; systems and phones send
/// `client_credentials`, with HTTP Basic or in the form. An access token lives 15 minutes, a refresh token 30 days;
/// each use of a refresh token returns a new one, and the old one stays valid until the new one is used, for a day and five
/// more uses at most. Use of it after that is refused; if the new one was used, it ends the session. A session ends 90 days
/// after its sign-in. Unknown parameters are ignored. Errors are `application/json` with `error` and `error_description`
/// (RFC 6749 section 5.2), and have the members of a problem beside them.
///
/// Ten wrong passwords in a minute are followed by 429, as are thirty of one network over all names. From the hundredth
/// wrong password of one account on, there is a pause after each, up to 15 minutes, but not in a network from which the
/// account signed in within 30 days. A browser may send this request only from a page of this service or of a listed origin.
///
/// A phone that was switched off or deleted, with its right secret, gets the scope `responses:quarantine` and no other.
#[utoipa::path(
    tag = "auth", operation_id = "createToken",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    security(()),
    responses(
        (status = 200, description = "Signed in", body = TokenAnswer),
        (status = 401, description = "Unknown client or wrong secret"),
        (status = 403, description = "A browser sent the request from a page of another site"),
    )
)]
#[post("/auth/token")]
pub async fn token(
    // No guard: OAuth ignores unknown parameters, also in the query.
    req: HttpRequest,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
    public_url: web::Data<PublicUrl>,
    form: Form<TokenRequest>,
) -> Result<HttpResponse, Error> {
    origin::ensure_own_page(&req)?;
    let basic = grant::basic(req.headers());
    let issued = grant::grant(&db, &token_service, form.0, basic, &network(&req)?).await?;
    let answer: TokenAnswer = issued.answer(&token_service, public_url.for_caller(&req))?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"))
        .json(answer))
}

/// Sign out
///
/// Ends the session of a refresh or access token, and with it all its tokens (RFC 7009). An unknown or expired token gets
/// the same response.
#[utoipa::path(
    tag = "auth", operation_id = "revokeToken",
    request_body(content = RevokeRequest, content_type = "application/x-www-form-urlencoded"),
    security(()),
    responses((status = 200, description = "Over"))
)]
#[post("/auth/revoke")]
pub async fn revoke(
    _public: Public,
    req: HttpRequest,
    db: web::Data<Db>,
    token_service: web::Data<TokenService>,
    form: Form<RevokeRequest>,
) -> Result<HttpResponse, Error> {
    revocation::sign_out(&db, &token_service, &form.0.token, &network(&req)?).await?;
    Ok(HttpResponse::Ok().finish())
}

/// Keys
///
/// The public keys that verify access tokens, as a JSON Web Key Set: one key, or two during a rotation. Cache it for five
/// minutes. For a token with an unknown `kid`, read it again, at most every few seconds.
#[utoipa::path(
    tag = "auth", operation_id = "getKeys",
    security(()),
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
    let kept = format!("public, max-age={JWKS_MAX_AGE}");
    let kept = HeaderValue::from_str(&kept).map_err(Error::internal)?;
    answer.headers_mut().insert(CACHE_CONTROL, kept);
    Ok(answer)
}
