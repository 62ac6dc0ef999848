//! A person signs in with a password.
//!
//! Hashing a password takes 25 ms and happens between two transactions: the first reads the stored hash, the second begins
//! the session if the account and its password are still the same.

use ::entity::{account, credential};

use super::tokens::{self, IssuedTokens, begin_session};
use crate::access::accounts;
use crate::access::audit;
use crate::access::auth::hash_queue::{self, Caller};
use crate::access::auth::{TokenService, known_networks, password, throttle};
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::{Code, Error};

/// The account with a user name, its password if it can sign in, and whether it signed in from this network within thirty days.
struct FoundUser {
    account: account::Model,
    credential: Option<credential::Model>,
    is_known: bool,
}

async fn find_user(db: &Db, username: &str, network: &str) -> Result<Option<FoundUser>, Error> {
    let now = db.clock().now();
    db.read(async |tx| {
        let account = accounts::by_username(tx, username).await?;
        let Some(account) = account.filter(accounts::is_user) else {
            return Ok(None);
        };
        let credential = match accounts::can_sign_in(&account) {
            true => accounts::credential(tx, account.id).await?,
            false => None,
        };
        let is_known = known_networks::is_known(tx, account.id, network, now).await?;
        Ok(Some(FoundUser {
            account,
            credential,
            is_known,
        }))
    })
    .await
}

pub(super) async fn by_password(
    db: &Db,
    token_service: &TokenService,
    username: String,
    password: String,
    scope: Option<String>,
    network: &str,
) -> Result<IssuedTokens, Error> {
    let begin = async |tx: &WriteTx, account: &account::Model| {
        let scopes = tokens::allowed(account, scope.as_deref())?;
        let asked = tokens::known_scopes(scope.as_deref());
        begin_session(tx, account, asked, &scopes, network, tx.clock().now()).await
    };
    sign_in(db, token_service, username, &password, network, begin).await
}

/// Runs `begin` for the person with this password, in the transaction that begins a session. Counts and logs every attempt.
pub async fn sign_in<T>(
    db: &Db,
    token_service: &TokenService,
    username: String,
    password: &str,
    network: &str,
    begin: impl AsyncFnOnce(&WriteTx, &account::Model) -> Result<T, Error>,
) -> Result<T, Error> {
    // User names are lower case; a phone's keyboard begins with a capital.
    let username = username.to_ascii_lowercase();
    let found = find_user(db, &username, network).await?;
    let attempt = Attempt {
        key: (username, network.to_owned()),
        is_known: found.as_ref().is_some_and(|user| user.is_known),
        has_token: false,
    };
    let result = verified(db, token_service, attempt, found.as_ref(), password, begin).await;
    let account = found
        .as_ref()
        .map_or(audit::UNKNOWN, |user| user.account.username.as_str());
    audit::attempt("sign-in", account, network, &result);
    result
}

async fn verified<T>(
    db: &Db,
    token_service: &TokenService,
    attempt: Attempt,
    found: Option<&FoundUser>,
    password: &str,
    begin: impl AsyncFnOnce(&WriteTx, &account::Model) -> Result<T, Error>,
) -> Result<T, Error> {
    let known = found.and_then(|user| Some((&user.account, user.credential.as_ref()?)));
    let hash = known.map(|(_, credential)| credential.hash.clone());
    check_password(token_service, attempt, hash, password).await?;
    let (account, credential) = known.ok_or_else(|| Error::new(Code::InvalidGrant))?;
    let now = db.clock().now();
    db.write(async |tx| {
        let account = unchanged(tx, account, credential).await?;
        let account = account.ok_or_else(|| Error::new(Code::InvalidGrant))?;
        accounts::touch_last_used(tx, account.id, credential.id, now).await?;
        begin(tx, &account).await
    })
    .await
}

/// An attempt with a password.
#[derive(Debug)]
pub struct Attempt {
    pub key: throttle::Key,
    /// Whether the account signed in from this network within thirty days.
    pub is_known: bool,
    /// Whether the caller has a valid token of the account.
    pub has_token: bool,
}

/// Compares a password with a hash when a hash permit is free. Failures count for the account, the network and both.
pub async fn check_password(
    token_service: &TokenService,
    attempt: Attempt,
    hash: Option<String>,
    password: &str,
) -> Result<(), Error> {
    let Attempt {
        key,
        is_known,
        has_token,
    } = attempt;
    token_service.throttle().check_password(&key, is_known)?;
    let permit = hash_queue::acquire(Caller {
        network: &key.1,
        is_known: is_known || has_token,
    })
    .await?;
    // Checked again after the wait: requests earlier in the queue may have failed.
    token_service.throttle().check_password(&key, is_known)?;
    if password::verify(permit, hash, password).await? {
        return Ok(());
    }
    token_service.throttle().password_failed(key, is_known)?;
    Err(Error::new(Code::InvalidGrant))
}

/// Returns the current account if it can still sign in with this credential.
async fn unchanged(
    tx: &WriteTx,
    seen: &account::Model,
    credential: &credential::Model,
) -> Result<Option<account::Model>, Error> {
    let account = accounts::lock(tx, seen.id).await?.filter(accounts::can_sign_in);
    let current = accounts::credential(tx, seen.id).await?;
    Ok(account.filter(|_| current.is_some_and(|c| c.id == credential.id)))
}
