//! The tokens of a session and their scopes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use ::entity::account;

use crate::access::accounts;
use crate::access::auth::dto::TokenAnswer;
use crate::access::auth::sessions;
use crate::access::auth::token::{AUDIENCE, Claims, LIFETIME};
use crate::access::auth::{TokenService, known_networks};
use crate::access::permissions::{Permission, ResponsesQuarantine, SCOPES};
use crate::platform::db::WriteTx;
use crate::platform::error::{Code, Error};

/// `client_id` in the tokens of people.
const NO_CLIENT: &str = "iku";

/// A new session, or the next step of one.
#[derive(Debug)]
pub struct IssuedTokens {
    pub(super) claims: Claims,
    /// Clients get none.
    pub(super) refresh_token: Option<String>,
}

impl IssuedTokens {
    /// Signs the access token. `issuer`: the address of the service for the caller.
    pub fn answer(self, token_service: &TokenService, issuer: String) -> Result<TokenAnswer, Error> {
        let claims = Claims {
            iss: issuer,
            ..self.claims
        };
        Ok(TokenAnswer {
            access_token: token_service.sign(&claims)?,
            token_type: "Bearer",
            expires_in: LIFETIME,
            refresh_token: self.refresh_token,
            scope: claims.scope,
        })
    }
}

/// Begins a session of a person who has just shown the password. `asked`: the scopes that its refreshes may have; empty:
/// all of the role.
pub async fn begin_session(
    tx: &WriteTx,
    account: &account::Model,
    asked: String,
    scopes: &[&str],
    network: &str,
    now: DateTime<Utc>,
) -> Result<IssuedTokens, Error> {
    known_networks::remember(tx, account.id, network, now).await?;
    let session = sessions::begin(tx, account.id, asked, sessions::long(), network, now).await?;
    let refresh_token = sessions::issue(tx, session, None, now).await?;
    Ok(IssuedTokens {
        claims: claims(account, (session, now), scopes, now)?,
        refresh_token: Some(refresh_token),
    })
}

/// Returns the requested scopes (`None`: all) that the role of the account has.
pub(super) fn allowed(account: &account::Model, asked: Option<&str>) -> Result<Vec<&'static str>, Error> {
    among(accounts::role_of(account)?.scopes(), asked)
}

/// Returns the one scope of a revoked device: it can send its stored answers into quarantine, so that none is lost.
pub(super) fn scopes_of_revoked_device(asked: Option<&str>) -> Result<Vec<&'static str>, Error> {
    among(vec![ResponsesQuarantine::SCOPE], asked)
}

fn among(mut scopes: Vec<&'static str>, asked: Option<&str>) -> Result<Vec<&'static str>, Error> {
    if let Some(asked) = asked {
        scopes.retain(|scope| asked.split_whitespace().any(|a| a == *scope));
    }
    ensure_not_empty(&scopes)?;
    Ok(scopes)
}

pub(super) fn ensure_not_empty(scopes: &[&str]) -> Result<(), Error> {
    if scopes.is_empty() {
        return Err(Error::new(Code::InvalidScope).detail(
            "Peran ini tidak memiliki satu pun cakupan yang diminta.",
            "This role has none of the requested scopes.",
        ));
    }
    Ok(())
}

/// Returns the known scopes among the requested ones, for the session to store; empty: all.
pub(super) fn known_scopes(asked: Option<&str>) -> String {
    let asked: Vec<&str> = asked.unwrap_or_default().split_whitespace().collect();
    let known = SCOPES.iter().map(|(scope, _)| *scope).filter(|s| asked.contains(s));
    known.collect::<Vec<_>>().join(" ")
}

/// Returns the claims of a token without its issuer.
pub(super) fn claims(
    account: &account::Model,
    (session, signed_in_at): (Uuid, DateTime<Utc>),
    scopes: &[&str],
    now: DateTime<Utc>,
) -> Result<Claims, Error> {
    Ok(Claims {
        // `IssuedTokens::answer` knows the request.
        iss: String::new(),
        aud: AUDIENCE.to_owned(),
        sub: account.id,
        client_id: if accounts::is_user(account) {
            NO_CLIENT.to_owned()
        } else {
            account.id.to_string()
        },
        iat: now.timestamp(),
        exp: now.timestamp() + LIFETIME,
        nbf: None,
        jti: Uuid::new_v4(),
        scope: scopes.join(" "),
        username: account.username.clone(),
        role: accounts::role_of(account)?,
        district: account.district_code.clone(),
        sections: accounts::sections_of(account)?,
        village: account.village_code.clone(),
        auth_time: signed_in_at.timestamp(),
        generation: account.generation,
        sid: session,
    })
}
