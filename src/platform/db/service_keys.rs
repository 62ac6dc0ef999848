//! Secret keys that all instances of the service share and that survive restarts. Each is made at the first start.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel};

use ::entity::service_key;

use super::WriteTx;
use crate::platform::error::{Error, OrInternal};
use crate::platform::sealing::SealingKey;

/// Signs cursors.
pub const CURSORS: &str = "cursors";

const ALL: [&str; 1] = [CURSORS];

/// The bytes of a plain key. An encrypted one is longer.
const LEN: usize = 32;

/// Makes the keys that do not exist, and encrypts those that are plain when there is a key for that.
pub async fn ensure(tx: &WriteTx, now: DateTime<Utc>) -> Result<(), Error> {
    for name in ALL {
        let stored = |bytes: Vec<u8>| match tx.sealing_key() {
            Some(sealing_key) => sealing_key.seal(name, &bytes),
            None => Ok(bytes),
        };
        match find(tx, name).await? {
            Some(key) if key.bytes.len() == LEN && tx.sealing_key().is_some() => {
                let bytes = stored(key.bytes.clone())?;
                let mut row = key.into_active_model();
                row.bytes = Set(bytes);
                row.update(tx).await?;
            }
            Some(_) => {}
            None => {
                let mut bytes = vec![0; LEN];
                aws_lc_rs::rand::fill(&mut bytes).or_internal()?;
                let row = service_key::ActiveModel {
                    name: Set(name.to_owned()),
                    bytes: Set(stored(bytes)?),
                    created_at: Set(now),
                };
                service_key::Entity::insert(row).exec_without_returning(tx).await?;
            }
        }
    }
    Ok(())
}

/// Returns the bytes of a key.
pub async fn get(conn: &impl ConnectionTrait, name: &str, sealing_key: Option<&SealingKey>) -> Result<Vec<u8>, Error> {
    let key = find(conn, name).await?;
    let key = key.ok_or_else(|| Error::internal(format!("no key for {name}")))?;
    if key.bytes.len() == LEN {
        return Ok(key.bytes);
    }
    let opened = sealing_key.and_then(|sealing_key| sealing_key.open(name, &key.bytes));
    opened.ok_or_else(|| Error::internal(format!("another IKU_KEY_FILE encrypted the key for {name}")))
}

async fn find(conn: &impl ConnectionTrait, name: &str) -> Result<Option<service_key::Model>, Error> {
    Ok(service_key::Entity::find_by_id(name).one(conn).await?)
}
