//! The three ways to a token.
//!
//! Hashing a password takes 25 ms and happens between two transactions: the first reads the stored hash, the second begins
//! the session if the account and its password are still the same.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use ::entity::{account, credential};

use super::dto::{TokenAnswer, TokenRequest};
use super::sessions::{self, RefreshToken};
use super::token::{AUDIENCE, Claims, LIFETIME};
use super::{TokenService, password, secret};
use crate::access::accounts::{self, AccountKind};
use crate::access::permissions::{Permission, ResponsesQuarantine, SCOPES};
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Code, Error, Fault, FieldError};
use crate::platform::text::Text;

/// `client_id` in the tokens of people, who sign in without a client of their own.
const NO_CLIENT: &str = "iku";

/// Id and secret of a client.
pub type Basic = (String, String);

/// Answers a token request.
pub async fn grant(
    db: &Db,
    token_service: &TokenService,
    asked: TokenRequest,
    basic: Option<Basic>,
    address: String,
) -> Result<TokenAnswer, Error> {
    match asked.grant_type.as_str() {
        "password" => {
            let (username, password) = both(needed(asked.username, "username"), needed(asked.password, "password"))?;
            by_password(db, token_service, username, password, asked.scope, address).await
        }
        "refresh_token" => {
            let token = needed(asked.refresh_token, "refresh_token")?;
            by_refresh_token(db, token_service, token, asked.scope).await
        }
        "client_credentials" => {
            let (id, secret) = basic
                .or_else(|| asked.client_id.zip(asked.client_secret))
                .ok_or_else(|| Error::new(Code::InvalidClient))?;
            by_client_credentials(db, token_service, id, secret, asked.scope).await
        }
        _ => Err(Error::new(Code::UnsupportedGrantType).detail(
            "Pakai password, refresh_token, atau client_credentials.",
            "Use password, refresh_token or client_credentials.",
        )),
    }
}

fn needed(value: Option<String>, name: &str) -> Result<String, Error> {
    value.ok_or_else(|| {
        let text = Text::new("Wajib diisi.", "Is required.");
        let fault = FieldError::new(format!("#/{name}"), Fault::Required, text);
        Error::fields(Code::InvalidBody, vec![fault])
    })
}

/// Both, or the faults of both.
fn both<A, B>(one: Result<A, Error>, other: Result<B, Error>) -> Result<(A, B), Error> {
    match (one, other) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(one), Err(other)) => Err(Error {
            errors: [one.errors, other.errors].concat(),
            ..Error::new(Code::InvalidBody)
        }),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

async fn by_password(
    db: &Db,
    token_service: &TokenService,
    username: String,
    password: String,
    scope: Option<String>,
    address: String,
) -> Result<TokenAnswer, Error> {
    // User names are lower case; a phone's keyboard begins with a capital.
    let username = username.to_ascii_lowercase();
    let key = (username.clone(), address);
    token_service.throttle().check(&key)?;
    let known = db
        .read(async |tx| match accounts::by_username(tx, &username).await? {
            Some(account) if accounts::is_user(&account) && accounts::can_sign_in(&account) => {
                let credential = accounts::credential(tx, account.id).await?;
                Ok(credential.map(|c| (account, c)))
            }
            _ => Ok(None),
        })
        .await?;
    let hash = known.as_ref().map(|(_, credential)| credential.hash.clone());
    check_password(token_service, key, hash, &password).await?;
    let (account, credential) = known.ok_or_else(|| Error::new(Code::InvalidGrant))?;
    let now = accounts::now();
    let (claims, refresh_token) = db
        .write(async |tx| {
            let account = unchanged(tx, &account, &credential).await?;
            let account = account.ok_or_else(|| Error::new(Code::InvalidGrant))?;
            accounts::touch_last_used(tx, account.id, credential.id, now).await?;
            let scopes = allowed(&account, scope.as_deref())?;
            let session = sessions::begin(tx, account.id, remembered(scope.as_deref()), sessions::long(), now).await?;
            let refresh_token = sessions::issue(tx, session, None, now).await?;
            Ok((claims(token_service, &account, session, &scopes, now)?, refresh_token))
        })
        .await?;
    answer(token_service, &claims, Some(refresh_token))
}

/// Compares a password with a hash when a hash permit is free. Failures count for the key.
pub async fn check_password(
    token_service: &TokenService,
    key: (String, String),
    hash: Option<String>,
    password: &str,
) -> Result<(), Error> {
    let permit = password::acquire().await?;
    // Not before one's turn: those ahead in the queue may be failures.
    token_service.throttle().check(&key)?;
    if password::verify(permit, hash, password).await? {
        return Ok(());
    }
    token_service.throttle().failed(key)?;
    Err(Error::new(Code::InvalidGrant))
}

async fn by_client_credentials(
    db: &Db,
    token_service: &TokenService,
    id: String,
    given: String,
    scope: Option<String>,
) -> Result<TokenAnswer, Error> {
    let refuse = || Error::new(Code::InvalidClient);
    let id: Uuid = id.parse().map_err(|_| refuse())?;
    let now = accounts::now();
    let claims = db
        .write(async |tx| {
            let account = accounts::lock(tx, id).await?.ok_or_else(refuse)?;
            let credential = accounts::credential(tx, id).await?.ok_or_else(refuse)?;
            if accounts::is_user(&account) || !secret::is(&given, &credential.hash) {
                return Err(refuse());
            }
            let scopes = match accounts::kind_of(&account)? {
                _ if accounts::can_sign_in(&account) => allowed(&account, scope.as_deref())?,
                AccountKind::Device => left_to_a_revoked_device(scope.as_deref())?,
                _ => return Err(refuse()),
            };
            accounts::touch_last_used(tx, id, credential.id, now).await?;
            let session = sessions::begin(tx, id, remembered(scope.as_deref()), sessions::short(), now).await?;
            claims(token_service, &account, session, &scopes, now)
        })
        .await?;
    answer(token_service, &claims, None)
}

async fn by_refresh_token(
    db: &Db,
    token_service: &TokenService,
    token: String,
    scope: Option<String>,
) -> Result<TokenAnswer, Error> {
    let refuse = || Error::new(Code::InvalidGrant);
    let now = accounts::now();
    // A refusal that ended a session must be committed, so the transaction returns it inside `Ok`.
    let outcome = db
        .write(async |tx| {
            let (session, token) = match sessions::find(tx, &token, now).await? {
                RefreshToken::Invalid => return Ok(Err(None)),
                RefreshToken::Reused(session) => return Ok(Err(Some(session))),
                RefreshToken::Valid { session, token } => (session, token),
            };
            let account = accounts::by_id(tx, session.account_id).await?;
            let Some(account) = account.filter(accounts::can_sign_in) else {
                return Ok(Err(None));
            };
            let before = Some(session.scope.as_str()).filter(|s| !s.is_empty());
            let mut scopes = allowed(&account, before)?;
            if let Some(narrower) = scope.as_deref() {
                let narrower = allowed(&account, Some(narrower))?;
                scopes.retain(|s| narrower.contains(s));
                must_not_be_empty(&scopes)?;
            }
            let next = sessions::rotate(tx, &token, now).await?;
            Ok(Ok((claims(token_service, &account, session.id, &scopes, now)?, next)))
        })
        .await?;
    match outcome {
        Ok((claims, next)) => answer(token_service, &claims, Some(next)),
        Err(stolen) => {
            if let Some(session) = stolen {
                tracing::warn!(%session, "a refresh token was used again; its session has been ended");
                token_service.end_sessions([session]);
            }
            Err(refuse())
        }
    }
}

/// The account as it is now, if it may still sign in with that credential.
async fn unchanged(
    tx: &WriteTx,
    seen: &account::Model,
    credential: &credential::Model,
) -> Result<Option<account::Model>, Error> {
    let account = accounts::lock(tx, seen.id).await?.filter(accounts::can_sign_in);
    let current = accounts::credential(tx, seen.id).await?;
    Ok(account.filter(|_| current.is_some_and(|c| c.id == credential.id)))
}

/// The scopes that the account's role has and that were asked for (`None`: all).
fn allowed(account: &account::Model, asked: Option<&str>) -> Result<Vec<&'static str>, Error> {
    among(accounts::role_of(account)?.scopes(), asked)
}

/// What a phone holds when it is revoked is not lost: it may still send it, into quarantine. Nothing else.
fn left_to_a_revoked_device(asked: Option<&str>) -> Result<Vec<&'static str>, Error> {
    among(vec![ResponsesQuarantine::SCOPE], asked)
}

fn among(mut scopes: Vec<&'static str>, asked: Option<&str>) -> Result<Vec<&'static str>, Error> {
    if let Some(asked) = asked {
        scopes.retain(|scope| asked.split_whitespace().any(|a| a == *scope));
    }
    must_not_be_empty(&scopes)?;
    Ok(scopes)
}

fn must_not_be_empty(scopes: &[&str]) -> Result<(), Error> {
    if scopes.is_empty() {
        return Err(Error::new(Code::InvalidScope).detail(
            "Tidak satu pun cakupan yang diminta ada dan diizinkan bagi peran ini.",
            "None of the scopes asked for exists and is open to this role.",
        ));
    }
    Ok(())
}

/// Returns the known scopes among the requested ones, for the session to store; empty: all.
fn remembered(asked: Option<&str>) -> String {
    let asked: Vec<&str> = asked.unwrap_or_default().split_whitespace().collect();
    let known = SCOPES.iter().map(|(scope, _)| *scope).filter(|s| asked.contains(s));
    known.collect::<Vec<_>>().join(" ")
}

fn claims(
    token_service: &TokenService,
    account: &account::Model,
    session: Uuid,
    scopes: &[&str],
    now: DateTime<Utc>,
) -> Result<Claims, Error> {
    Ok(Claims {
        iss: token_service.issuer().to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: account.id,
        client_id: if accounts::is_user(account) {
            NO_CLIENT.to_owned()
        } else {
            account.id.to_string()
        },
        iat: now.timestamp(),
        exp: now.timestamp() + LIFETIME,
        jti: Uuid::new_v4(),
        scope: scopes.join(" "),
        username: account.username.clone(),
        role: accounts::role_of(account)?,
        district: account.district_code.clone(),
        sections: accounts::sections_of(account)?,
        generation: account.generation,
        sid: Some(session),
    })
}

fn answer(token_service: &TokenService, claims: &Claims, refresh_token: Option<String>) -> Result<TokenAnswer, Error> {
    Ok(TokenAnswer {
        access_token: token_service.sign(claims)?,
        token_type: "Bearer",
        expires_in: LIFETIME,
        refresh_token,
        scope: claims.scope.clone(),
    })
}

/// The client of `Authorization: Basic`, both parts form-encoded (RFC 6749 section 2.3.1). Swagger UI sends an empty
/// one (`Og==`), which is none.
pub fn basic(headers: &HeaderMap) -> Option<Basic> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    // Ids and secrets of this service have no character that form-encoding changes.
    (!id.is_empty()).then(|| (id.to_owned(), secret.to_owned()))
}
