//! Sessions of the pages for browsers.
//!
//! Such a session is a row beside those of the API, so everything that ends a session ends it too, and the account's own list
//! shows it. The cookie has a random handle, of which the service stores only a digest. It is no refresh token: the digest
//! begins with a byte that no text begins with, so the token endpoint never finds it.

use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use ::entity::refresh_family::{Column as S, Entity as Sessions, Model as Session};
use ::entity::refresh_token::{self, Entity as Tokens};
use ::entity::{account, refresh_family};

use super::grant::password::sign_in;
use super::{TokenService, known_networks, secret, sessions};
use crate::access::accounts;
use crate::access::actor::Actor;
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::Error;

/// A session that nobody used for this long has ended.
const IDLE: TimeDelta = TimeDelta::hours(8);
/// How long after the last recorded use a use is recorded again.
const RECORDED_EVERY: TimeDelta = TimeDelta::minutes(5);
/// The characters of a handle: 32 bytes as base64url.
const HANDLE_LENGTH: usize = 43;
/// UTF-8 has no such byte.
const NO_TEXT: u8 = 0xFF;

fn digest_of(handle: &str) -> Vec<u8> {
    let mut digest = Context::new(&SHA256);
    digest.update(&[NO_TEXT]);
    digest.update(handle.as_bytes());
    digest.finish().as_ref().to_vec()
}

/// Signs a person in and returns the handle for the cookie. Throttled and logged as a sign-in at the token endpoint.
pub async fn begin_with_password(
    db: &Db,
    token_service: &TokenService,
    username: String,
    password: &str,
    network: &str,
) -> Result<String, Error> {
    let begin = async |tx: &WriteTx, account: &account::Model| begin(tx, account, network).await;
    sign_in(db, token_service, username, password, network, begin).await
}

/// Begins a session of a person who has just shown the password, and returns its handle.
pub async fn begin(tx: &WriteTx, account: &account::Model, network: &str) -> Result<String, Error> {
    let now = tx.clock().now();
    known_networks::remember(tx, account.id, network, now).await?;
    let session = sessions::begin(tx, account.id, String::new(), IDLE, network, now).await?;
    let handle = secret::generate()?;
    let row = refresh_token::ActiveModel {
        hash: Set(digest_of(&handle)),
        family_id: Set(session),
        parent: Set(None),
        issued_at: Set(now),
        used_at: Set(None),
        uses: Set(0),
    };
    Tokens::insert(row).exec_without_returning(tx).await?;
    Ok(handle)
}

/// A running session and its account.
#[derive(Debug)]
pub struct SignedIn {
    pub actor: Actor,
    /// The person's name.
    pub name: String,
    session: Session,
}

/// Returns the running session of a handle. The account's rights are those of now.
pub async fn find(conn: &impl ConnectionTrait, handle: &str, now: DateTime<Utc>) -> Result<Option<SignedIn>, Error> {
    if handle.len() != HANDLE_LENGTH {
        return Ok(None);
    }
    let Some(token) = Tokens::find_by_id(digest_of(handle)).one(conn).await? else {
        return Ok(None);
    };
    let session = refresh_family::Entity::find_by_id(token.family_id).one(conn).await?;
    let Some(session) = session.filter(|session| session.revoked_at.is_none() && session.expires_at > now) else {
        return Ok(None);
    };
    let account = accounts::by_id(conn, session.account_id).await?;
    let Some(account) = account.filter(accounts::can_sign_in) else {
        return Ok(None);
    };
    let role = accounts::role_of(&account)?;
    Ok(Some(SignedIn {
        actor: Actor {
            id: account.id,
            sections: accounts::sections_of(&account)?,
            username: account.username,
            role,
            district: account.district_code,
            village: None,
            scopes: role.scopes(),
            session: Some(session.id),
            token_id: None,
            client_id: None,
            authenticated_at: session.created_at,
        },
        name: account.name,
        session,
    }))
}

impl SignedIn {
    /// Records the use of the session, at most every five minutes, and so moves its end.
    pub async fn record_use(&self, db: &Db, network: &str, now: DateTime<Utc>) -> Result<(), Error> {
        let last = self.session.last_used_at.unwrap_or(self.session.created_at);
        if now - last < RECORDED_EVERY {
            return Ok(());
        }
        // A session is no older than its handle, which is swept after thirty days.
        let end = (now + IDLE).min(self.session.created_at + sessions::long());
        db.write(async |tx| {
            Sessions::update_many()
                .col_expr(S::LastUsedAt, Expr::value(now))
                .col_expr(S::ExpiresAt, Expr::value(end))
                .col_expr(S::Network, Expr::value(sessions::some(network)))
                .filter(S::Id.eq(self.session.id))
                .filter(S::RevokedAt.is_null())
                .exec(tx)
                .await?;
            Ok(())
        })
        .await
    }
}
