//! A system or a phone signs in with its secret.

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use ::entity::{account, credential};

use super::Basic;
use super::tokens::{IssuedTokens, allowed, claims, known_scopes, scopes_of_revoked_device};
use crate::access::accounts::{self, AccountKind};
use crate::access::actor::Actor;
use crate::access::audit;
use crate::access::auth::{TokenService, secret, sessions};
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};

pub(super) async fn by_client_credentials(
    db: &Db,
    token_service: &TokenService,
    client: Basic,
    scope: Option<String>,
    network: &str,
) -> Result<IssuedTokens, Error> {
    let given = client.1.clone();
    let sign_in =
        async |(account, _): (account::Model, _)| client_session(db, account.id, &given, scope, network).await;
    attempt(db, token_service, "client sign-in", client, network, sign_in).await
}

/// How old the last use of a client may be before a request with HTTP Basic records it again.
const USED: TimeDelta = TimeDelta::hours(1);

/// Returns the system that sends its id and its secret with a request: for programs that know no OAuth. It gets neither a token
/// nor a session. People and phones are refused.
pub async fn by_basic(db: &Db, token_service: &TokenService, client: Basic, network: &str) -> Result<Actor, Error> {
    let now = db.clock().now();
    let identify = async |(account, credential): (account::Model, credential::Model)| {
        if accounts::kind_of(&account)? != AccountKind::System || !accounts::can_sign_in(&account) {
            return Err(Error::new(Code::InvalidClient));
        }
        if account.last_used_at.is_none_or(|last| now - last > USED) {
            db.write(async |tx| accounts::touch_last_used(tx, account.id, credential.id, now).await)
                .await?;
        }
        let role = accounts::role_of(&account)?;
        Ok(Actor {
            id: account.id,
            sections: accounts::sections_of(&account)?,
            username: account.username,
            role,
            district: account.district_code,
            village: account.village_code,
            scopes: role.scopes(),
            session: None,
            token_id: None,
            client_id: Some(account.id.to_string()),
            authenticated_at: now,
        })
    };
    attempt(db, token_service, "client with HTTP Basic", client, network, identify).await
}

/// Runs `then` for the client that has this secret. Counts and logs a failure.
async fn attempt<T>(
    db: &Db,
    token_service: &TokenService,
    what: &str,
    (id, given): Basic,
    network: &str,
    then: impl AsyncFnOnce((account::Model, credential::Model)) -> Result<T, Error>,
) -> Result<T, Error> {
    let Ok(id) = id.parse::<Uuid>() else {
        let refused = Err(Error::new(Code::InvalidClient));
        audit::attempt(what, audit::UNKNOWN, network, &refused);
        return refused;
    };
    // A read first: a wrong secret takes no write transaction.
    let (is_client, found) = db
        .read(async |tx| {
            let client = accounts::by_id(tx, id)
                .await?
                .filter(|account| !accounts::is_user(account));
            let is_client = client.is_some();
            Ok((is_client, client_with_secret(client, tx, &given).await?))
        })
        .await?;
    let result = match found {
        Some(client) => then(client).await,
        None => Err(Error::new(Code::InvalidClient)),
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
    audit::attempt(what, account.as_deref().unwrap_or(audit::UNKNOWN), network, &result);
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
