//! The Ed25519 keys that sign access tokens; created at the first start and stored in the database. [`super::rotation`] puts
//! new ones in their place.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use ::entity::signing_key;

use crate::platform::db::WriteTx;
use crate::platform::error::Error;

/// Seconds that others may keep what they fetched of the published keys.
pub const KEPT_BY_OTHERS: i64 = 300;

/// One key, ready for use.
#[derive(Clone)]
pub struct Key {
    pub kid: String,
    /// The public key, base64url: `x` of its JWK (RFC 8037).
    pub x: String,
    pub signs: EncodingKey,
    pub verifies: DecodingKey,
    pub signs_from: DateTime<Utc>,
    pub retired_at: Option<DateTime<Utc>>,
}

impl Key {
    pub fn is_published(&self, now: DateTime<Utc>) -> bool {
        self.retired_at.is_none_or(|at| at > now)
    }
}

/// The key that signs at this instant: the newest whose time has come.
pub fn signing(keys: &[Key], now: DateTime<Utc>) -> Option<&Key> {
    let published = keys.iter().filter(|key| key.is_published(now));
    published
        .clone()
        .filter(|key| key.signs_from <= now)
        .max_by_key(|key| key.signs_from)
        .or_else(|| published.min_by_key(|key| key.signs_from))
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.kid)
    }
}

impl From<signing_key::Model> for Key {
    fn from(row: signing_key::Model) -> Self {
        Self {
            kid: row.kid,
            x: URL_SAFE_NO_PAD.encode(&row.public_key),
            signs: EncodingKey::from_ed_der(&row.pkcs8),
            verifies: DecodingKey::from_ed_der(&row.public_key),
            signs_from: row.signs_from,
            retired_at: row.retired_at,
        }
    }
}

/// The published keys, the newest first.
pub async fn load(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Key>, Error> {
    let retired = signing_key::Column::RetiredAt;
    let rows = signing_key::Entity::find()
        .filter(Condition::any().add(retired.is_null()).add(retired.gt(now)))
        .order_by_desc(signing_key::Column::CreatedAt)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(Key::from).collect())
}

/// Makes the first key when there is none.
pub async fn ensure(tx: &WriteTx, now: DateTime<Utc>) -> Result<(), Error> {
    if load(tx, now).await?.is_empty() {
        generate(tx, now, now).await?;
    }
    Ok(())
}

/// Makes a key that signs from then on; answers its id.
pub async fn generate(tx: &WriteTx, now: DateTime<Utc>, signs_from: DateTime<Utc>) -> Result<String, Error> {
    let pair = Ed25519KeyPair::generate().map_err(Error::internal)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(Error::internal)?;
    let kid = Uuid::new_v4().simple().to_string();
    let row = signing_key::ActiveModel {
        kid: Set(kid.clone()),
        pkcs8: Set(pkcs8.as_ref().to_vec()),
        public_key: Set(pair.public_key().as_ref().to_vec()),
        created_at: Set(now),
        signs_from: Set(signs_from),
        retired_at: Set(None),
    };
    signing_key::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(kid)
}
