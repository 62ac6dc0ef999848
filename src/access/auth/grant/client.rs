//! A system or a phone signs in with its secret.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use ::entity::{account, credential};

use super::tokens::{IssuedTokens, allowed, claims, known_scopes, scopes_of_revoked_device};
use crate::access::accounts::{self, AccountKind};
use crate::access::audit;
use crate::access::auth::{TokenService, secret, sessions};
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};

pub(super) async fn by_client_credentials(
    db: &Db,
    token_service: &TokenService,
    id: String,
    given: String,
    scope: Option<String>,
    network: &str,
) -> Result<IssuedTokens, Error> {
    let Ok(id) = id.parse::<Uuid>() else {
        let refused = Err(Error::new(Code::InvalidClient));
        audit::attempt("client sign-in", audit::UNKNOWN, network, &refused);
        return refused;
    };
    // A read first: a wrong secret takes no write transaction.
    let (is_client, is_right) = db
        .read(async |tx| {
            let client = accounts::by_id(tx, id)
                .await?
                .filter(|account| !accounts::is_user(account));
            let is_client = client.is_some();
            Ok((is_client, client_with_secret(client, tx, &given).await?.is_some()))
        })
        .await?;
    let result = match is_right {
        true => client_session(db, id, &given, scope, network).await,
        false => Err(Error::new(Code::InvalidClient)),
    };
    let result = match result {
        // Only a wrong secret counts, and a right one is never refused: strangers keep no client out.
        Err(error) if error.code == Code::InvalidClient => {
            let counted = token_service
                .throttle()
                .failed((format!("client:{id}"), network.to_owned()));
            counted.and(Err(error))
        }
        result => result,
    };
    let account = is_client.then(|| id.to_string());
    audit::attempt(
        "client sign-in",
        account.as_deref().unwrap_or(audit::UNKNOWN),
        network,
        &result,
    );
    result
}

/// Returns a client and its credential if this is its secret.
async fn client_with_secret(
    account: Option<account::Model>,
    conn: &impl ConnectionTrait,
    given: &str,
) -> Result<Option<(account::Model, credential::Model)>, Error> {
    let Some(account) = account.filter(|account| !accounts::is_user(account)) else {
        return Ok(None);
    };
    let credential = accounts::credential(conn, account.id).await?;
    let credential = credential.filter(|credential| secret::is(given, &credential.hash));
    Ok(credential.map(|credential| (account, credential)))
}

async fn client_session(
    db: &Db,
    id: Uuid,
    given: &str,
    scope: Option<String>,
    network: &str,
) -> Result<IssuedTokens, Error> {
    let refuse = || Error::new(Code::InvalidClient);
    let now = db.clock().now();
    let claims = db
        .write(async |tx| {
            let locked = accounts::lock(tx, id).await?;
            let (account, credential) = client_with_secret(locked, tx, given).await?.ok_or_else(refuse)?;
            let scopes = match accounts::kind_of(&account)? {
                _ if accounts::can_sign_in(&account) => allowed(&account, scope.as_deref())?,
                AccountKind::Device => scopes_of_revoked_device(scope.as_deref())?,
                _ => return Err(refuse()),
            };
            accounts::touch_last_used(tx, id, credential.id, now).await?;
            let asked = known_scopes(scope.as_deref());
            let session = sessions::begin(tx, id, asked, sessions::short(), network, now).await?;
            claims(&account, (session, now), &scopes, now)
        })
        .await?;
    Ok(IssuedTokens {
        claims,
        refresh_token: None,
    })
}
