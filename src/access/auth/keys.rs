//! The Ed25519 keys that sign access tokens; created at the first start and stored in the database. [`super::rotation`]
//! replaces them.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use ::entity::signing_key;

use crate::access::Actor;
use crate::platform::db::WriteTx;
use crate::platform::db::journal::{Action, Event, Resource};
use crate::platform::error::{Code, Error};
use crate::platform::sealing::{SealingKey, is_sealed};

/// Seconds that clients may cache the published keys.
pub const JWKS_MAX_AGE: i64 = 300;

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

/// Returns the key that signs at this instant: the newest whose `signs_from` has passed.
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

impl Key {
    fn read(row: signing_key::Model, sealing_key: Option<&SealingKey>) -> Result<Self, Error> {
        let pkcs8 = match is_sealed(&row.pkcs8) {
            false => row.pkcs8,
            true => opened(&row, sealing_key)?,
        };
        Ok(Self {
            kid: row.kid,
            x: URL_SAFE_NO_PAD.encode(&row.public_key),
            signs: EncodingKey::from_ed_der(&pkcs8),
            verifies: DecodingKey::from_ed_der(&row.public_key),
            signs_from: row.signs_from,
            retired_at: row.retired_at,
        })
    }
}

/// Decrypts a private key. The error is a sentence for the operator.
fn opened(row: &signing_key::Model, sealing_key: Option<&SealingKey>) -> Result<Vec<u8>, Error> {
    let Some(sealing_key) = sealing_key else {
        return Err(Error::new(Code::Internal).detail(
            "Kunci penanda tangan terenkripsi; IKU_KEY_FILE harus menyebut berkas kuncinya",
            "the signing keys are encrypted, and IKU_KEY_FILE does not name the file with their key",
        ));
    };
    sealing_key.open(&row.kid, &row.pkcs8).ok_or_else(|| {
        Error::new(Code::Internal).detail(
            "Kunci di IKU_KEY_FILE bukan kunci yang mengenkripsi kunci penanda tangan",
            "the key in IKU_KEY_FILE did not encrypt the signing keys",
        )
    })
}

/// Returns the published keys, the newest first.
pub async fn load(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    sealing_key: Option<&SealingKey>,
) -> Result<Vec<Key>, Error> {
    let retired = signing_key::Column::RetiredAt;
    let rows = signing_key::Entity::find()
        .filter(Condition::any().add(retired.is_null()).add(retired.gt(now)))
        .order_by_desc(signing_key::Column::CreatedAt)
        .all(conn)
        .await?;
    rows.into_iter().map(|row| Key::read(row, sealing_key)).collect()
}

/// Checks that the private keys can be read, and encrypts those that are plain when there is a key for that.
pub async fn seal_plain_keys(tx: &WriteTx) -> Result<(), Error> {
    let rows = signing_key::Entity::find()
        .filter(signing_key::Column::Pkcs8.ne(Vec::<u8>::new()))
        .all(tx)
        .await?;
    let (sealed, plain): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| is_sealed(&row.pkcs8));
    for row in &sealed {
        opened(row, tx.sealing_key())?;
    }
    let Some(sealing_key) = tx.sealing_key() else {
        return Ok(());
    };
    for row in plain {
        let change = signing_key::ActiveModel {
            pkcs8: Set(sealing_key.seal(&row.kid, &row.pkcs8)?),
            kid: Set(row.kid),
            ..Default::default()
        };
        change.update(tx).await?;
    }
    Ok(())
}

/// Checks and encrypts the keys, and makes the first one when there is none.
pub async fn ensure(tx: &WriteTx, now: DateTime<Utc>) -> Result<(), Error> {
    seal_plain_keys(tx).await?;
    if load(tx, now, tx.sealing_key()).await?.is_empty() {
        generate(tx, now, now).await?;
    }
    Ok(())
}

/// Makes a key that signs from `signs_from` on; returns its id.
pub async fn generate(tx: &WriteTx, now: DateTime<Utc>, signs_from: DateTime<Utc>) -> Result<String, Error> {
    let pair = Ed25519KeyPair::generate().map_err(Error::internal)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(Error::internal)?;
    let kid = Uuid::new_v4().simple().to_string();
    let stored = match tx.sealing_key() {
        None => pkcs8.as_ref().to_vec(),
        Some(sealing_key) => sealing_key.seal(&kid, pkcs8.as_ref())?,
    };
    let row = signing_key::ActiveModel {
        kid: Set(kid.clone()),
        pkcs8: Set(stored),
        public_key: Set(pair.public_key().as_ref().to_vec()),
        created_at: Set(now),
        signs_from: Set(signs_from),
        retired_at: Set(None),
    };
    signing_key::Entity::insert(row).exec_without_returning(tx).await?;
    let event = Event::new(None, now, Action::Created, Resource::Key, &kid);
    tx.note(&Actor::operator().author(), event);
    Ok(kid)
}
