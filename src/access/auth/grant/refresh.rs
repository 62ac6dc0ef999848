//! A person continues a session with a refresh token.

use uuid::Uuid;

use super::tokens::{IssuedTokens, allowed, claims, ensure_not_empty};
use crate::access::accounts;
use crate::access::audit;
use crate::access::auth::TokenService;
use crate::access::auth::sessions::{self, RefreshToken};
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};

/// Why a refresh token is refused.
enum Refused {
    Invalid,
    /// The session that was ended, and the user name.
    Reused(Uuid, String),
}

pub(super) async fn by_refresh_token(
    db: &Db,
    token_service: &TokenService,
    token: String,
    scope: Option<String>,
    network: &str,
) -> Result<IssuedTokens, Error> {
    let now = db.clock().now();
    // A refusal that ended a session must be committed, so the transaction returns it inside `Ok`.
    let outcome = db
        .write(async |tx| {
            let found = sessions::find(tx, &token, now).await?;
            let (session, token) = match found {
                RefreshToken::Invalid => return Ok(Err(Refused::Invalid)),
                RefreshToken::Reused(session) => {
                    let account = accounts::by_id(tx, session.account_id).await?;
                    let username = account.map(|account| account.username).unwrap_or_default();
                    return Ok(Err(Refused::Reused(session.id, username)));
                }
                RefreshToken::Valid { session, token } => (session, token),
            };
            let account = accounts::by_id(tx, session.account_id).await?;
            let Some(account) = account.filter(accounts::can_sign_in) else {
                return Ok(Err(Refused::Invalid));
            };
            let before = Some(session.scope.as_str()).filter(|s| !s.is_empty());
            let mut scopes = allowed(&account, before)?;
            if let Some(narrower) = scope.as_deref() {
                let narrower = allowed(&account, Some(narrower))?;
                scopes.retain(|s| narrower.contains(s));
                ensure_not_empty(&scopes)?;
            }
            let refresh_token = sessions::rotate(tx, &session, &token, network, now).await?;
            let signed_in = (session.id, session.created_at);
            Ok(Ok(IssuedTokens {
                claims: claims(&account, signed_in, &scopes, now)?,
                refresh_token: Some(refresh_token),
            }))
        })
        .await?;
    let (what, account) = match outcome {
        Ok(issued) => return Ok(issued),
        Err(Refused::Invalid) => ("refresh", audit::UNKNOWN.to_owned()),
        Err(Refused::Reused(session, username)) => {
            tracing::warn!(%session, "a refresh token was used again; its session has been ended");
            token_service.end_sessions([session]);
            ("refresh token reused", username)
        }
    };
    let refused = Err(Error::new(Code::InvalidGrant));
    audit::attempt(what, &account, network, &refused);
    refused
}
