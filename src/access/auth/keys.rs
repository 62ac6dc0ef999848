//! The Ed25519 keys that sign access tokens; made on first start and kept in the database.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use ::entity::signing_key;

use crate::platform::db::WriteTx;
use crate::platform::error::Error;

/// One key, ready for use.
#[derive(Clone)]
pub struct Key {
    pub kid: String,
    /// The public key, base64url: `x` of its JWK (RFC 8037).
    pub x: String,
    pub signs: EncodingKey,
    pub verifies: DecodingKey,
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
        }
    }
}

/// The keys in use, the newest (which signs) first.
pub async fn load(conn: &impl ConnectionTrait) -> Result<Vec<Key>, Error> {
    let rows = signing_key::Entity::find()
        .filter(signing_key::Column::RetiredAt.is_null())
        .order_by_desc(signing_key::Column::CreatedAt)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(Key::from).collect())
}

/// Makes the first key when there is none.
pub async fn ensure(tx: &WriteTx, now: DateTime<Utc>) -> Result<(), Error> {
    if load(tx).await?.is_empty() {
        generate(tx, now).await?;
    }
    Ok(())
}

async fn generate(tx: &WriteTx, now: DateTime<Utc>) -> Result<(), Error> {
    let pair = Ed25519KeyPair::generate().map_err(Error::internal)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(Error::internal)?;
    let row = signing_key::ActiveModel {
        kid: Set(Uuid::new_v4().simple().to_string()),
        pkcs8: Set(pkcs8.as_ref().to_vec()),
        public_key: Set(pair.public_key().as_ref().to_vec()),
        created_at: Set(now),
        retired_at: Set(None),
    };
    signing_key::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
